"""One department as a stranger meets it: an address. What it can be asked is learnt from server reflection."""

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha import reflection_pb2
from grpc_status import rpc_status

# v1 of the reflection protocol carries the same messages as v1alpha under another name.
V1 = "grpc.reflection.v1.ServerReflection"
V1ALPHA = "grpc.reflection.v1alpha.ServerReflection"
PATIENCE_SECONDS = 10


class Refused(Exception):
    """The department said no: the code of the status, and what its details say."""

    def __init__(self, error, department):
        super().__init__(f"{error.code().name}: {error.details()}")
        self.code = error.code().name
        self.reason = self.sentence = ""
        self.clauses = []
        self.fields = []
        status = rpc_status.from_call(error)
        for detail in status.details if status else []:
            kind = detail.type_url.rpartition("/")[2]
            if kind == "google.rpc.ErrorInfo":
                info = error_details_pb2.ErrorInfo.FromString(detail.value)
                self.reason = info.reason
            elif kind == "google.rpc.LocalizedMessage":
                self.sentence = error_details_pb2.LocalizedMessage.FromString(detail.value).message
            elif kind == "google.rpc.BadRequest":
                bad = error_details_pb2.BadRequest.FromString(detail.value)
                self.fields = [violation.field for violation in bad.field_violations]
            else:
                told = department.message(kind).FromString(detail.value)
                self.clauses = [citation.clause for citation in told.citations]


class Department:
    """A department's address, and the contracts it tells of itself."""

    def __init__(self, address, reflection=V1ALPHA):
        self._channel = grpc.insecure_channel(address)
        self._reflect = self._channel.stream_stream(
            f"/{reflection}/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        self._pool = descriptor_pool.DescriptorPool()
        self.files = {}
        listed = self._ask(list_services="").list_services_response.service
        self.services = sorted(service.name for service in listed)
        for service in self.services:
            self._learn(self._ask(file_containing_symbol=service))

    def methods(self, service):
        """The names of a service's methods."""
        return sorted(self._pool.FindServiceByName(service).methods_by_name)

    def contracts(self):
        """The files that the department tells of, without those of the reflection protocol itself."""
        return {name: file for name, file in self.files.items() if not file.package.startswith("grpc.")}

    def message(self, name):
        """The class of a message, by its full name."""
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(name))

    def call(self, caller, method, request):
        """Calls `package.Service/Method` as a caller, or as nobody; raises `Refused` when the answer is a refusal.

        Of an answer that comes in steps it is the last one.
        """
        service, _, name = method.partition("/")
        described = self._pool.FindServiceByName(service).methods_by_name[name]
        kind = self._channel.unary_stream if described.server_streaming else self._channel.unary_unary
        call = kind(
            f"/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=message_factory.GetMessageClass(described.output_type).FromString,
        )
        message = json_format.ParseDict(request, message_factory.GetMessageClass(described.input_type)())
        metadata = [("canbao-department", caller)] if caller else []
        try:
            answer = call(message, timeout=PATIENCE_SECONDS, metadata=metadata)
            return list(answer)[-1] if described.server_streaming else answer
        except grpc.RpcError as error:
            raise Refused(error, self) from None

    def _ask(self, **question):
        request = reflection_pb2.ServerReflectionRequest(**question)
        metadata = [("canbao-department", "auditor")]
        answer = next(self._reflect(iter([request]), timeout=PATIENCE_SECONDS, metadata=metadata))
        if answer.HasField("error_response"):
            raise LookupError(f"{question}: {answer.error_response.error_message}")
        return answer

    def _learn(self, answer):
        """Takes in the files of an answer, those they import first."""
        for encoded in answer.file_descriptor_response.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(encoded)
            if file.name in self.files:
                continue
            self.files[file.name] = file
            for imported in file.dependency:
                if imported not in self.files:
                    self._learn(self._ask(file_by_filename=imported))
            self._pool.Add(file)
