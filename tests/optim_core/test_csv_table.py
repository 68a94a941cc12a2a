"""A person's own table: what is read, and what is said where it cannot be."""

from __future__ import annotations

import csv
import io
import string

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from optim_core.csv_table import MAX_BYTES, read_csv
from optim_core.hyper import TextError
from optim_core.tables import Table, Uploaded

PLAIN = "a,b,label\n1,2,x\n3,4,y\n"


def check(table: Table) -> None:
    """A table is what its docstring says."""
    n, d = table.x.shape
    assert table.y.shape == (n,) and n >= 2 and 2 <= d <= 64 and len(table.names) == d and len(table.labels) == table.classes
    assert table.x.dtype == table.y.dtype == np.float64 and np.isfinite(table.x).all() and np.isfinite(table.y).all()
    assert not table.x.flags.writeable and not table.y.flags.writeable
    assert all(name and len(name) <= 40 and name.isprintable() for name in (*table.names, *table.labels))
    assert table.classes == 0 or (2 <= table.classes <= 10 and set(table.y) == set(range(table.classes)))


def test_plain() -> None:
    table = read_csv(PLAIN.encode())
    check(table)
    assert table.names == ("a", "b") and table.labels == ("x", "y") and table.classes == 2
    assert table.x.tolist() == [[1, 2], [3, 4]] and table.y.tolist() == [0, 1]


@pytest.mark.parametrize(
    "content",
    [
        "1,2,x\n3,4,y",
        "a;b;label\n1;2;x\n3;4;y\n",
        "a\tb\tlabel\r\n1\t2\tx\r\n3\t4\ty\r\n",
        "a,b,label\r1,2,x\r3,4,y",
        "\n\na , b , label \n\n 1 , 2 , x \n,,\n3,4,y\n\n",
        '"a","b","label"\n"1","2","x"\n"3","4","y"',
        "label,a,b\nx,1,2\ny,3,4",
        "a,CLASS,b\n1,x,2\n3,y,4",
        "1.0,+2e0,x\n.3e1,4.,y",
        "1,0;2,0;x\n3,0;4;y",
        "0,1,target\n1,2,x\n3,4,y",
        "\ufeff1,2,x\n3,4,y",
        "1,2,y\n3,4,n",  # no names: y is a class
    ],
)
def test_the_same_table_otherwise_written(content: str) -> None:
    table = read_csv(content.encode())
    check(table)
    assert table.x.tolist() == [[1, 2], [3, 4]] and table.classes == 2 and table.y.tolist() in ([0, 1], [1, 0])


@pytest.mark.parametrize(
    ("content", "encoding"), [("рост;вес;класс\n1,5;2;да\n-3;4;нет\n", encoding) for encoding in ("utf-8", "utf-8-sig", "cp1251")]
)  # fmt: skip
def test_encodings(content: str, encoding: str) -> None:
    table = read_csv(content.encode(encoding))
    assert table.names == ("рост", "вес") and table.labels == ("да", "нет") and table.x.tolist() == [[1.5, 2], [-3, 4]] and table.y.tolist() == [0, 1]


def test_names_are_made_up_where_there_are_none() -> None:
    assert read_csv(b"1,2,x\n3,4,z").names == ("x₁", "x₂")


def test_a_real_minus_sign() -> None:
    assert read_csv("1;−2,5;x\n−3e−1;4;y".encode()).x.tolist() == [[1, -2.5], [-0.3, 4]]


def test_numbers_as_labels() -> None:
    """At most ten whole ones are classes, in the order of numbers; others are values."""
    classes = read_csv("\n".join(f"{i},{-i},{i % 10 * 2}" for i in range(20)).encode())
    assert classes.labels == tuple(str(2 * i) for i in range(10)) and classes.y.tolist() == [i % 10 for i in range(20)]
    many = read_csv("\n".join(f"{i},{-i},{i}" for i in range(11)).encode())
    assert many.classes == 0 and many.labels == () and many.y.tolist() == list(range(11))
    broken = read_csv(b"1;2;0,5\n3;4;1\n5;6;0,5")
    assert broken.classes == 0 and broken.y.tolist() == [0.5, 1.0, 0.5] and Uploaded(broken).task == "plane"
    assert read_csv(b"1,2,1\n1,2,1.0\n1,2,-3").y.tolist() == [1, 1, 0]
    assert Uploaded(classes).task == "classes"
    assert read_csv(b"1,2,1e20\n3,4,2e20").y.tolist() == [1e20, 2e20], "whole numbers no longer differ by 1 there"


@pytest.mark.parametrize(
    ("content", "message", "details"),
    [
        ("", "The file is empty.", {}),
        (" \n\n", "The file is empty.", {}),
        (",,,\n\n", "The file is empty.", {}),
        ("a,b,label", "The file has {found} rows of data; allowed are 2 to {limit}.", {"found": 0, "limit": 2000}),
        ("1,2,x\n" * 2001, "The file has {found} rows of data; allowed are 2 to {limit}.", {"found": 2001, "limit": 2000}),
        ("a,b,label\n1,2,x\n\n1,2\n", "Line {line} has {found} cells", {"line": 4, "found": 2, "wanted": 3}),
        ("1,x\n2,y\n", "Found columns: {found}.", {"found": 2, "limit": 64}),
        ("x\ny\n", "The file has {found} rows of data", {"found": 1, "limit": 2000}),
        ((",".join("1" * 66) + "\n") * 2, "Found columns: {found}.", {"found": 66, "limit": 64}),
        (",b,label\n0,2,x\n1,4,y", "Column {place} has no name", {"place": 1}),
        ("a,b,label\n1,two,x\n3,4,y", "Line {line}, column {place}: {cell} is not a number", {"line": 2, "place": 2, "cell": "two"}),
        ("label,a,b\nx,1,2\ny,3,4.5.6", "Line {line}, column {place}: {cell} is not a number", {"line": 3, "place": 3, "cell": "4.5.6"}),
        ("1,nan,x\n3,4,y", "Line {line}, column {place}: {cell} is not a number", {"line": 1, "place": 2, "cell": "nan"}),
        ("nan,nan,x\n3,4,y", "Line {line}, column {place}: {cell} is not a number", {"line": 1, "place": 1, "cell": "nan"}),
        ("1,-inf,x\n3,4,y", "Line {line}, column {place}: {cell} is not a number", {"line": 1, "place": 2, "cell": "-inf"}),
        ('1,"2,5",x\n3,4,y', "Line {line}, column {place}: {cell} is not a number", {"line": 1, "place": 2, "cell": "2,5"}),
        ("1,0x10,x\n3,4,y", "Line {line}, column {place}: {cell} is not a number", {"line": 1, "place": 2, "cell": "0x10"}),
        ("1,٣,x\n3,4,y", "Line {line}, column {place}: {cell} is not a number", {"line": 1, "place": 2, "cell": "٣"}),
        ("1,1_0,x\n3,4,y", "Line {line}, column {place}: {cell} is not a number", {"line": 1, "place": 2, "cell": "1_0"}),
        ("1,2,x\n3,,y", "Line {line}, column {place}: the cell is empty", {"line": 2, "place": 2}),
        ("1,2,x\n3,1e400,y", "Line {line}, column {place}: {cell} is too large", {"line": 2, "place": 2, "cell": "1e400"}),
        ("1,2,7\n3,1,-1e101", "Line {line}, column {place}: {cell} is too large", {"line": 2, "place": 3, "cell": "-1e101"}),
        ("1,2,x\n3,4,", "Line {line}, column {place}: the label is missing.", {"line": 2, "place": 3}),
        ("1,2,0.5\n3,4,NaN", "Line {line}, column {place}: {cell} is neither", {"line": 2, "place": 3, "cell": "NaN"}),
        ("1,2,x\n3,4,x", "All labels are the same: {label}.", {"label": "x"}),
        ("1,2,7\n3,4,7.0", "All labels are the same: {label}.", {"label": "7"}),
        ("\n".join(f"1,2,c{i}" for i in range(11)), "Column {place} has {found} different labels", {"place": 3, "found": 11, "limit": 10}),
        ('1,2,x\n3,4,"' + "y" * 140000, "Line {line} is not understood", {"line": 2}),
    ],
)
def test_what_is_wrong_is_said(content: str, message: str, details: dict[str, object]) -> None:
    """In words, with the line, the column and what is allowed."""
    with pytest.raises(TextError) as caught:
        read_csv(content.encode())
    assert caught.value.message.startswith(message)
    assert caught.value.details == details


def test_files_that_are_no_tables() -> None:
    for content in ("a,b,c\n1,2,3".encode("utf-16"), b"\x89PNG\r\n\x1a\n\0\0", b"\x98\x98"):
        with pytest.raises(TextError, match="This is not a text file"):
            read_csv(content)
    with pytest.raises(TextError, match=f"The file has {MAX_BYTES + 1} bytes; allowed are {MAX_BYTES}"):
        read_csv(b"1" * (MAX_BYTES + 1))


def test_names_are_shortened_and_made_harmless_to_a_line() -> None:
    table = read_csv(('"a\nb",' + "n" * 99 + ",label\n1,2,x\x07y\n3,4,y").encode())
    assert table.names == ("a b", "n" * 39 + "…") and table.labels == ("x y", "y")


@given(st.binary(max_size=300))
@example(b"")
@example(b'"')
@example(b",,,\n")
@example(b"\xef\xbb\xbf")
def test_any_bytes(content: bytes) -> None:
    """A table, or a reason; nothing else."""
    try:
        check(read_csv(content))
    except TextError as error:
        assert str(error)


cells = st.one_of(
    st.integers(-3, 12).map(str),
    st.floats().map(repr),
    st.sampled_from(["", "x", "y", "label", "1,5", "−2", '"', "\t", "a;b", "nan", "x\ny", "\u2028", "\x00"]),
)
tables = st.tuples(st.integers(1, 5), st.sampled_from([",", ";", "\t"]), st.booleans()).flatmap(
    lambda shape: st.lists(st.lists(cells, min_size=shape[0], max_size=shape[0] + shape[2]), max_size=8).map(
        lambda rows: "\n".join(shape[1].join(row) for row in rows)
    )
)


@given(tables, st.sampled_from(["utf-8", "utf-8-sig"]))
def test_any_text_that_looks_like_a_table(content: str, encoding: str) -> None:
    try:
        check(read_csv(content.encode(encoding)))
    except TextError as error:
        assert str(error)


finite = st.floats(-1e100, 1e100)
words = st.text(string.ascii_letters + " абв", min_size=1, max_size=12).filter(lambda word: word.strip().lower() not in ("", "nan", "inf", "infinity"))


@given(
    st.integers(2, 6).flatmap(lambda d: st.lists(st.lists(finite, min_size=d, max_size=d), min_size=2, max_size=20)),
    st.lists(words, min_size=2, max_size=10, unique_by=str.strip), st.booleans(), st.sampled_from(",;\t"),
)  # fmt: skip
def test_what_is_written_is_read(x: list[list[float]], labels: list[str], header: bool, separator: str) -> None:
    """To the last bit, as Python's csv writes it."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator)
    names = [f"column {i}" for i in range(len(x[0]))]
    if header:
        writer.writerow([*names, "label"])
    written = [labels[i % len(labels)] for i in range(len(x))]
    writer.writerows([*row, word] for row, word in zip(x, written, strict=True))
    table = read_csv(file.getvalue().encode())
    check(table)
    assert np.array_equal(table.x, np.array(x)) and [table.labels[int(i)] for i in table.y] == [" ".join(word.split()) for word in written]
    assert not header or table.names == tuple(names)


def test_tables_are_equal_if_their_files_are() -> None:
    """So a training of an own table can be found again in a cache."""
    one, same, other = read_csv(PLAIN.encode()), read_csv(PLAIN.encode()), read_csv(PLAIN.replace("4", "5").encode())
    assert one == same and hash(one) == hash(same) and one != other
    assert Uploaded(one) == Uploaded(same) and hash(Uploaded(one)) == hash(Uploaded(same)) and Uploaded(one) != Uploaded(other)
