"""One resident through four departments, played by a client that knows four addresses and one header.

    python walkthrough.py REGISTRATION COLLECTION SUBSIDY BENEFITS

There is no generated code here: the contracts are what the departments tell by reflection. Prints what was asked and
what was answered; ends with an error at the first answer that is not the notice's. The departments' clock must stand at
2025-12-01 or later, and the resident must not be registered yet.
"""

import sys
import uuid

from department import V1, V1ALPHA, Department, Refused

DIVISION = "141181"
YEAR = 2026
OWN_SERVICES = {
    "registration": {
        "canbao.registration.v1.RegistrationService": [
            "AssessLatePayment",
            "ChangeDocument",
            "EndRegistration",
            "GetRegistrationCounts",
            "GetResident",
            "ListRegistrations",
            "MoveRegistration",
            "RecordCover",
            "RegisterResident",
            "RegisterRoster",
        ],
    },
    "collection": {
        "canbao.collection.v1.BooksService": [
            "GetBooks",
            "GetProgress",
            "ListContributions",
            "ListPayments",
            "SetTasks",
        ],
        "canbao.collection.v1.CollectionService": [
            "DeclareContributions",
            "GetContributionDue",
            "PayContribution",
            "QuoteContribution",
            "ReportPayments",
        ],
        "canbao.collection.v1.RefundService": [
            "ListRefunds",
            "ListSuspense",
            "PayRefund",
            "RefundContribution",
            "RefundStudent",
            "RefundSuspense",
        ],
    },
    "subsidy": {
        "canbao.subsidy.v1.AidService": [
            "DecideAid",
            "GetAid",
            "ListAid",
        ],
        "canbao.subsidy.v1.FinanceService": ["CompareNotices", "GetPayerTotals", "ListGrants"],
        "canbao.subsidy.v1.RosterService": [
            "ConfirmRoster",
            "GetRosterProgress",
            "ListRosterLines",
            "SubmitRoster",
        ],
    },
    "benefits": {
        "canbao.benefits.v1.BenefitsService": [
            "GetBenefitCounts",
            "GetCoverage",
            "ListBenefitPeriods",
        ],
    },
}


def identity_number(birth, sequence):
    """A generated number under a division code that no place has, with its check character (GB 11643)."""
    digits = f"141199{birth}{sequence:03}"
    weighed = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(digits))
    return digits + "10X98765432"[weighed % 11]


def day(text):
    year, month, day_of_month = text.split("-")
    return {"year": int(year), "month": int(month), "day": int(day_of_month)}


def text(date):
    return f"{date.year:04}-{date.month:02}-{date.day:02}"


def clauses(citations):
    return [citation.clause for citation in citations]


def same(what, found, wanted):
    """Says what was found; ends the program where it differs."""
    if found != wanted:
        sys.exit(f"DIFFERS  {what}: {found!r}, but it should be {wanted!r}")
    print(f"  {what}: {found}")


def cited(what, found, wanted):
    if wanted not in found:
        sys.exit(f"DIFFERS  {what}: {found!r} lack {wanted!r}")
    print(f"  {what}: {' '.join(found)}")


class Walk:
    """The four departments, the resident, and the log positions told so far."""

    def __init__(self, addresses):
        self.departments = {name: meet(name, address) for name, address in zip(OWN_SERVICES, addresses, strict=True)}
        document = {"kind": "DOCUMENT_KIND_IDENTITY_NUMBER", "number": identity_number("19900307", 21)}
        self.document = document
        self.resident = {"resident": {"document": document}}
        self.contribution = {**self.resident, "division": DIVISION, "cover_year": YEAR}
        self.told = {}

    def ask(self, caller, department, method, request):
        """Asks a department, after everything told so far unless the request says after what."""
        print(f"{caller or 'nobody'} asks {department}: {method}")
        (service,) = [service for service, methods in OWN_SERVICES[department].items() if method in methods]
        after = [{"log": log, "position": position} for log, position in self.told.items()]
        answer = self.departments[department].call(caller, f"{service}/{method}", {"after": after, **request})
        if "position" in answer.DESCRIPTOR.fields_by_name:
            self.told[answer.position.log] = answer.position.position
        return answer

    def refused(self, caller, department, method, request, code):
        """Asks what has to be refused."""
        try:
            answer = self.ask(caller, department, method, request)
        except Refused as refused:
            same("code", refused.code, code)
            return refused
        sys.exit(f"DIFFERS  {method} was not refused: {answer}")

    def register(self):
        circumstances = {
            "hukou_division": DIVISION,
            "employee_scheme": "EMPLOYEE_SCHEME_NEVER",
            "enrolled_elsewhere": False,
            "student": "STUDENT_KIND_NONE",
            "last_covered_year": YEAR - 1,
        }
        request = {
            "request_id": str(uuid.uuid4()),
            "after": [],
            "division": DIVISION,
            "cover_year": YEAR,
            "document": self.document,
            "name": "乙二",
            "registered_on": day("2025-11-03"),
            "circumstances": circumstances,
        }
        malformed = {**request, "division": "14118", "name": ""}
        refused = self.refused(
            "medical-insurance", "registration", "RegisterResident", malformed, "INVALID_ARGUMENT"
        )
        same("fields named", sorted(refused.fields), ["division", "name"])
        answer = self.ask("medical-insurance", "registration", "RegisterResident", request)
        same("class", getattr(answer.registration, "class"), "城乡居民")
        cited("clauses", clauses(answer.registration.citations), "XY26-02")
        again = self.ask("medical-insurance", "registration", "RegisterResident", request)
        same("the same request again gives the same answer", again == answer, True)
        other = {**request, "name": "丙三"}
        refused = self.refused("medical-insurance", "registration", "RegisterResident", other, "ALREADY_EXISTS")
        same("reason", refused.reason, "REQUEST_ID_REUSED")

    def aid(self):
        aid = self.ask("civil-affairs", "subsidy", "GetAid", {**self.resident, "cover_year": YEAR}).aid
        same("aided", aid.aided.yuan, "0.00")
        same("owed", aid.owed.yuan, "400.00")
        request = {**self.resident, "cover_year": YEAR}
        self.refused("tax", "subsidy", "GetAid", request, "PERMISSION_DENIED")
        self.refused(None, "subsidy", "GetAid", request, "UNAUTHENTICATED")

    def compare(self):
        served = {"notice_division": DIVISION, "cover_year": YEAR}
        request = {"division": DIVISION, "cover_year": YEAR, "served": served}
        compared = self.ask("finance", "subsidy", "CompareNotices", request).comparison
        same("residents", compared.total.before.people, 1)
        same("who pays the same under the same notice", compared.shift.same, 1)
        same("what is paid", compared.total.under_other.own.yuan, "400.00")

    def due(self):
        due = self.ask("tax", "collection", "GetContributionDue", self.contribution).contribution
        same("due", due.due.yuan, "400.00")
        same("item to choose", due.payable_item, "2026年")
        same("settled", due.settled, False)
        cited("clauses", clauses(due.parts[0].citations), "XY26-03")

    def quote(self):
        request = {**self.contribution, "pay_date": day("2025-11-10")}
        outlook = self.ask("channel/wechat", "collection", "QuoteContribution", request).outlook
        same("benefits from", text(getattr(outlook, "from")), "2026-01-01")
        same("benefits to", text(outlook.to), "2026-12-31")
        same("months to wait", outlook.wait_months, 0)

    def pay(self):
        request = {
            **self.contribution,
            "request_id": str(uuid.uuid4()),
            "channel": "wechat",
            "channel_transaction_id": f"WX-{uuid.uuid4()}",
            "amount": {"yuan": "400.00"},
            "pay_date": day("2025-11-10"),
        }
        on_a_closed_day = {**request, "request_id": str(uuid.uuid4()), "pay_date": day("2025-11-26")}
        refused = self.refused(
            "channel/wechat", "collection", "PayContribution", on_a_closed_day, "FAILED_PRECONDITION"
        )
        same("reason", refused.reason, "CLOSED_DAY")
        cited("clauses", refused.clauses, "XY26-27")
        print(f"  for the citizen: {refused.sentence}")
        same("the citizen is told", bool(refused.sentence), True)
        self.due()
        answer = self.ask("channel/wechat", "collection", "PayContribution", request)
        same("settled", answer.contribution.settled, True)

    def coverage(self):
        for asked, state in [("2026-01-01", "COVERAGE_STATE_COVERED"), ("2026-12-31", "COVERAGE_STATE_COVERED")]:
            answer = self.ask("hospital", "benefits", "GetCoverage", {**self.resident, "on": day(asked)})
            states = answer.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number
            same(f"on {asked}", states[answer.state].name, state)
            same("from", text(getattr(answer.period, "from")), "2026-01-01")
            same("to", text(answer.period.to), "2026-12-31")
            cited("clauses", clauses(answer.period.citations), "XY26-29")
            print(f"  for the citizen: {answer.message}")


def meet(name, address):
    """Meets a department by both versions of the reflection protocol: they must tell the same."""
    department, newer = Department(address, V1ALPHA), Department(address, V1)
    print(f"{name} at {address}: {len(department.services)} services, {len(department.files)} files")
    same("both versions of reflection tell the same", newer.contracts() == department.contracts(), True)
    for service, methods in OWN_SERVICES[name].items():
        cited("services", department.services, service)
        same("methods", department.methods(service), methods)
    return department


def main():
    if len(sys.argv) != 1 + len(OWN_SERVICES):
        sys.exit(__doc__)
    try:
        walk = Walk(sys.argv[1:])
        for step in [walk.register, walk.aid, walk.compare, walk.due, walk.quote, walk.pay, walk.coverage]:
            step()
    except Refused as refused:
        sys.exit(f"DIFFERS  refused: {refused}")
    print("as the notice says")


if __name__ == "__main__":
    main()
