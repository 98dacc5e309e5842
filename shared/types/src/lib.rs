//! The words of the trade: money, dates, working days, identity numbers, keys, divisions, citations.
