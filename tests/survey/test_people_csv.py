"""Files of people as spreadsheets write them: columns by their usual names or by those said, faults by line."""

from __future__ import annotations

import json

import pytest

from service.errors import Invalid
from service.survey.people_csv import ALIASES, column_choices, parse_people_csv
from service.survey.people_units import ENTERPRISE

GERMAN = (
    "Personalnummer;E-Mail;Vorname;Nachname;Abteilung;Vorgesetzter;Sprache;Aktiv;Geburtsdatum\n"
    "17;ada@acme.example;Ada;Lovelace;Vertrieb;bo@acme.example;de_DE;ja;1815-12-10\n"
    "18;bo@acme.example;Bo;;;;;nein;\n"
)


def faults(text: str, **columns: str) -> list[str]:
    with pytest.raises(Invalid) as caught:
        parse_people_csv(text, columns)
    return [fault.where for fault in caught.value.faults]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_a_spreadsheet_writes_is_understood(separator: str, mark: str) -> None:
    file = parse_people_csv(mark + GERMAN.replace(";", separator).replace("\n", "\r\n"))
    ada, bo = file.people
    assert (ada.user_name, ada.active, bo.active) == ("ada@acme.example", True, False)
    assert json.loads(ada.document) == {
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "preferredLanguage": "de-DE",
        "emails": [{"value": "ada@acme.example", "type": "work", "primary": True}],
        ENTERPRISE: {"department": "Vertrieb", "employeeNumber": "17", "manager": {"value": "bo@acme.example"}},
    }
    assert file.dropped == ("Geburtsdatum",)
    assert "1815" not in repr(file.people)
    assert file.taken["department"] == "Abteilung"


def test_a_column_that_is_said_goes_before_one_that_is_guessed() -> None:
    text = "Mail,Abteilung,Team\na@x.example,Sales,Oak\n"
    file = parse_people_csv(text, column_choices(["Department= team"]))
    assert file.taken == {"email": "Mail", "department": "Team"}
    assert file.dropped == ("Abteilung",)
    assert "department" not in parse_people_csv(text, column_choices(["department="])).taken
    moved = parse_people_csv(text, {"costCenter": "Abteilung"})
    assert moved.taken == {"email": "Mail", "costCenter": "Abteilung"}


def test_no_column_is_taken_for_two_fields_unsaid() -> None:
    plain = [
        "".join(c for c in name.casefold() if c.isalnum())
        for field, names in ALIASES.items()
        for name in [field, *names.split()]
    ]
    assert len(plain) == len(set(plain))


@pytest.mark.parametrize("stated", [["department"], ["salary=Gehalt"], ["=x"]])
def test_a_choice_of_no_known_field_is_refused(stated: list[str]) -> None:
    with pytest.raises(Invalid):
        column_choices(stated)


def test_what_the_first_line_leaves_open_is_refused() -> None:
    assert faults("") == ["line 1"]
    assert faults("name,phone\nAda,1\n") == ["line 1"]
    assert faults("mail,e-mail\na@x.example,b@x.example\n") == ["line 1"]
    assert faults("mail\na@x.example\n", department="Abteilung") == ["line 1"]
    assert faults("mail\n") == ["file"]


def test_a_bad_line_is_named_by_its_number_and_never_by_what_it_says() -> None:
    text = "userName,email,active,language,department\nada,secret-at-x,sometimes,Klingon,a\u0007b\n,b@x.example,,,\nc\n"
    with pytest.raises(Invalid) as caught:
        parse_people_csv(text)
    places = [fault.where for fault in caught.value.faults]
    assert places == [
        "line 2, email",
        "line 2, preferredLanguage",
        "line 2, department",
        "line 2, active",
        "line 3, userName",
        "line 4",
    ]
    assert not any(word in str(caught.value) for word in ("secret", "sometimes", "Klingon", "ada"))


def test_of_very_many_faults_a_hundred_are_told() -> None:
    assert len(faults("mail\n" + "nothing\n" * 5_000)) == 100


def test_an_open_quote_ends_it() -> None:
    assert faults('mail,name\na@x.example,"open\n') == ["line 2"]


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "-2", "+49"])
def test_a_formula_is_a_word_like_any_other(cell: str) -> None:
    file = parse_people_csv(f"mail,department\na@x.example,{cell}\n")
    assert json.loads(file.people[0].document)[ENTERPRISE]["department"] == cell
