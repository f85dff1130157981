"""Reports: what was recorded, in the forms that people and programs read. They state verdicts and never make one.

`story` reads a lineage once; there is one renderer per format, and none leaves out what was rejected or held.
"""
