"""What a reader calls therapy classes and roles."""

from __future__ import annotations

from hitmodel.codes import ROLES, code_table
from hitmodel.labels import inside, role_label, therapies_near, therapy_label, therapy_labels, therapy_meant, words


def test_every_therapy_class_has_a_label_and_every_label_a_class() -> None:
    classes = {entry.therapy_class for entry in code_table().entries} - {""}
    assert classes == set(therapy_labels())
    assert therapy_label("anti_tnf") == "Anti-TNF biologics"
    assert therapy_label("nursing") == "Nursing"


def test_roles_and_steady_names_read_well() -> None:
    assert role_label("noc") == "Unlisted codes"
    assert all(label == label.strip() and "_" not in label for label in map(role_label, ROLES))
    assert words("anti_infective_per_diem") == "Anti-infective per diem"


def test_labels_stand_inside_a_sentence() -> None:
    assert inside("Anti-TNF biologics") == "anti-TNF biologics"
    assert inside("RSV antibody") == "RSV antibody"


def test_a_therapy_is_known_by_the_words_that_people_use() -> None:
    for said in ("TPN", "pn", "Parenteral nutrition", "parenteral_nutrition"):
        assert therapy_meant(said) == "parenteral_nutrition"
    assert therapy_meant("IV antibiotics") == "anti_infective"
    assert therapy_meant("Hydration therapy") == "hydration"
    assert therapy_meant("nutrition") == "nutrition", "parenteral or enteral?"
    assert therapies_near("antibotics", therapy_labels())[0] == "anti_infective"
    assert therapies_near("xyzzy", therapy_labels()) == ()
