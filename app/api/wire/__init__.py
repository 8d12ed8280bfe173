"""The wire format: strict models of what comes in and goes out.

Where a shape is the core's own (a citation, a plan of a sync), its dataclass is used as it is;
`Wire` models stand where the wire says it otherwise, or more narrowly. Nothing that is stored
is read through these: kept answers and reports have types of their own in `app.library`.
"""
