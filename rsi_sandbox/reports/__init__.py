"""What a lineage looks like to people: one reading of the record (`story`), and one renderer per format.

Renderers decide nothing and leave nothing out: rejected and held generations are as visible as accepted ones.
"""
