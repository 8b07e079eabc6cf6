"""Any item that DynamoDB can hold, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

names = st.one_of(st.text(min_size=1, max_size=4), st.sampled_from(["B", "BS", "S", "M", "L", "N"]))
"""Some attributes are called what a type is called."""
digits = st.integers(-(10**37), 10**37).map(str)
scalars = st.one_of(
    st.text(max_size=5).map(lambda v: {"S": v}),
    digits.map(lambda v: {"N": v}),
    st.binary(max_size=5).map(lambda v: {"B": v}),
    st.booleans().map(lambda v: {"BOOL": v}),
    st.just({"NULL": True}),
    st.lists(st.text(max_size=3), min_size=1, unique=True).map(lambda v: {"SS": v}),
    st.lists(digits, min_size=1, unique=True).map(lambda v: {"NS": v}),
    st.lists(st.binary(max_size=3), min_size=1, unique=True).map(lambda v: {"BS": v}),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda v: {"L": v}),
        st.dictionaries(names, inner, max_size=3).map(lambda v: {"M": v}),
    ),
    max_leaves=8,
)
items = st.dictionaries(names, values, max_size=4)
