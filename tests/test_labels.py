"""What a reader calls therapy classes and roles."""

from __future__ import annotations

from hitmodel.codes import ROLES, code_table
from hitmodel.labels import inside, role_label, therapy_label, therapy_labels, words


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
