"""A made-up organisation and its history of pulses, to try things out with and to prove nothing by."""
