"""The models: embedding, reading, reranking and chat, each behind one protocol."""

import os

# What torch's CPU kernels compile for a shape of input they keep, for 1,024 shapes unless told before
# torch is loaded. Texts come in all lengths: a reader grew by 1.4 MB a question, for as long as it was asked
# (300 reads: from 812 to 1,220 MB, with these to 1,033 and no slower).
for _cache in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
    os.environ.setdefault(_cache, "64")
