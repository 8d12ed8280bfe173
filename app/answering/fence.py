"""Making retrieved text harmless inside a prompt.

The text that is shown, quoted and verified stays as stored; only the copy that goes into
the prompt is changed.
"""

import re

# What no reader sees and a model reads: zero-width spaces and operators, soft hyphens, marks that
# turn the direction of writing, tag characters. Joiners stay: scripts and emoji need them.
_INVISIBLE = re.compile(
    "[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\U000e0000-\U000e007f]"
)
# Control tokens of the common chat templates: ChatML and Qwen `<|im_start|>`, Llama 3
# `<|eot_id|>`, Phi, GLM `<|user|>`, DeepSeek `<｜User｜>`, Llama 2 and Mistral `[INST]`,
# `<<SYS>>`, Gemma `<start_of_turn>`, `<s>`, reasoning `<think>`, tool calls, and our own fence,
# which a model may take as such also with blanks in it or in full width.
_CONTROL = re.compile(
    r"<[|｜][^<>|｜\n]{1,40}[|｜]>"
    r"|</?(?:s|think|tool_call|tool_response|start_of_turn|end_of_turn|bos|eos|pad|unk)>"
    r"|[<＜〈]\s*[/／]?\s*(?:passages|资料)\s*[/／]?\s*[>＞〉]"
    r"|<</?SYS>>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|THINK)\]",
    re.IGNORECASE,
)
# A line that starts like one of our passage numbers could pass for a passage of its own.
_NUMBER = re.compile(r"^([^\S\n]*)\[(\d{1,3})\]", re.MULTILINE)
_LOOKALIKE = str.maketrans("<>＜＞〈〉[]", "‹›‹›‹›❲❳")


def neutralise(text: str) -> str:
    """`text` without invisible characters, control tokens and false passage numbers made inert."""
    text = _INVISIBLE.sub("", text)
    text = _CONTROL.sub(lambda match: match.group().translate(_LOOKALIKE), text)
    return _NUMBER.sub(r"\1❲\2❳", text)
