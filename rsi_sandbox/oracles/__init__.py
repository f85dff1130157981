"""Oracles: each turns a candidate into evidence, and none of them decides anything."""
