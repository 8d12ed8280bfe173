"""What kind of question it is, told from its words: the form of the answer and its context follow."""

import re
from typing import Final, Literal

from app.text.normalise import normalise

Kind = Literal[
    "fact",
    "yesno",
    "definition",
    "list",
    "steps",
    "reasons",
    "comparison",
    "changes",
    "compute",
    "overview",
    "documents",
    "greeting",
]
# Kinds whose answer is a whole list, table or section rather than a sentence.
WHOLE: Final[frozenset[Kind]] = frozenset({"list", "steps", "comparison", "changes", "compute"})

_GREETING = re.compile(
    r"(?:你好|您好|嗨|哈喽|在吗|早上好|下午好|晚上好|谢谢(?:你|您)?|多谢|再见|拜拜|hello|hi|hey|good (?:morning|afternoon|evening)|thanks?(?: you)?(?: very much)?|thank you|bye|goodbye)"
    r"(?:[\s,，!！.。~～?？啊呀吗哦呢]*(?:there|groundkb|大家|各位|everyone)?)*",
    re.IGNORECASE,
)
_ABILITY = re.compile(
    r"(?:你是谁|你能做什么|你会什么|你可以做什么|能问(?:你)?(?:些)?什么|可以问(?:你)?(?:些)?什么|怎么用(?:你)?|who are you|what can (?:you do|i ask(?: you)?)|what do you do|help)[\s?？!！.。]*",
    re.IGNORECASE,
)
_DOCUMENTS = re.compile(
    r"(?:哪些|哪几(?:篇|份|个)|什么|有没有)(?:文档|文件|资料|文章|手册)(?:.{0,6})?(?:讲|提到|提及|涉及|关于|介绍|说到|谈到|包含|是)|有哪些(?:文档|文件|资料)"
    r"|\b(?:which|what) (?:documents?|files?|papers?|articles?|handbooks?)\b.{0,30}\b(?:about|mention|cover|discuss|deal|describe|talk|say|are (?:there|in)|do (?:you|we) have)",
    re.IGNORECASE,
)
# Of what is there at all, on whatever.
_ALL_DOCUMENTS = re.compile(
    r"(?:请问)?(?:这里|这儿|知识库|资料库|文档库|库)?(?:里|里面|中)?(?:都|一共)?有(?:些)?(?:哪些|什么|几[篇份个])(?:文档|文件|资料)[\s?？]*"
    r"|(?:which|what) (?:documents?|files?) (?:are (?:there|in here|here)|do (?:you|we) have|does it have)[\s?]*",
    re.IGNORECASE,
)
_OVERVIEW = re.compile(
    r"(?:总结|概括|概述|归纳|摘要|综述)(?!.{0,4}模型)|(?:知识库|资料库|这里|这些文档|文档库|库)(?:里|中|里面)?(?:都|主要)?(?:有|是|讲|包含)(?:了)?(?:些)?(?:什么|哪些)|(?:主要|大致)(?:讲|说|写|介绍)(?:了|的)?(?:是)?(?:什么|哪些)"
    r"|\bsummar(?:y|ise|ize)\b|\boverview\b|\bwhat(?:'s| is| are)? (?:in|inside) (?:here|this|the|these)\b|\bwhat (?:is|does) (?:this|the) (?:\w+ ){0,3}(?:about|cover)\b|\bwhat is .{1,60} about\s*\?|\btl;?dr\b|\bkey points\b|\bmain points\b",
    re.IGNORECASE,
)
_COMPUTE = re.compile(
    r"(?:总和|合计|总共|一共|加起来|求和|平均(?:值|数|每)?|均值|总计)(?:是|为|有)?.{0,8}(?:多少|几)|平均.{0,20}多少|(?:相差|差(?:了)?|多(?:出)?|少(?:了)?|贵(?:了)?|便宜(?:了)?|大(?:了)?|高(?:出|了)?|低(?:了)?|重|快|慢)多少|(?:最大|最小|最高|最低|最多|最少|最贵|最便宜|最长|最短|最快|最慢|最重|最轻|最新|最旧)的|哪一?(?:个|台|种|款|家|位|项|条|间|辆|件|份|本|级|类|座).{0,14}最|有几(?:个|种|台|条|行|项|款)|有多少(?:个|种|台|条|行|项|款)"
    r"|\b(?:sum|total(?! (?:and \w+ )?parameters)|average|the mean|combined|altogether|in total|how (?:many|much) .{1,60}\btogether|add(?:ed)? up|difference|how much (?:more|less|cheaper|larger|longer)|how many more)\b|\bhow many (?:\w+ ){1,3}(?:are there|do we have|exist|are listed)\b|\b(?:largest|smallest|highest|lowest|cheapest|most expensive|longest|shortest|biggest|fastest|slowest|heaviest|lightest)\b|\bwhich .{1,40} (?:most|least)\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"(?:有(?:什么|哪些)?(?:变化|改动(?!点)|更新|变更|不同)|改了(?:什么|哪些)|变更(?:了)?(?:什么|哪些)|新增(?:了)?(?:什么|哪些)|更新内容)|\bwhat(?:'s| is| was| has| are)?(?: the)? (?:changed?|new|changes|differen(?:t|ce) (?:in|since))\b|\brelease notes\b|\bchange ?log\b",
    re.IGNORECASE,
)
# What two things that are named do not have in common, which is no change of one.
_BETWEEN = re.compile(
    r"(?:和|与|跟|同|、).{1,60}(?:有(?:什么|何|哪些)?不同|不同之处|区别|差别|差异)",
    re.IGNORECASE,
)
_COMPARE = re.compile(
    r"(?:比较|对比|区别|差别|差异|不同之处|有(?:什么|何)不同|相比|优缺点)|\bcompar(?:e|ison)\b|\bdiffer(?:s|ences?)?\b|\bversus\b|\bvs\.?\b|\bpros and cons\b",
    re.IGNORECASE,
)
# In which order, however it is asked.
_ORDER = re.compile(
    r"(?:步骤|流程|顺序|次序)(?:都)?(?:是|有|为|分|包括)?(?:什么|怎|如何|哪)|按(?:照)?(?:什么|怎样的?|哪种)(?:顺序|步骤|流程|次序)|[哪分][几些]步|\bin (?:what|which) order\b|\bwhat (?:is|are) the (?:(?:\w+ )?(?:steps|procedure)|(?:right |correct |proper |exact )?order)\b",
    re.IGNORECASE,
)
_STEPS = re.compile(
    r"(?:步骤|流程|操作方法|怎么(?:做|办|操作|样)|(?:如何|怎样|(?<!该)怎么)(?!会|回事|了|这么|那么|可能|不|说|规定|写|称呼|叫|收费|计算|算))|\bhow (?:do|can|should|must) (?:i|we|you|one)\b|\bhow to\b|\bwhat (?:must|should|has to|needs to|is to) be done\b|\bwhat (?:do|must|should|shall) (?:i|we|you) (?:have to |need to )?do (?:when|if|before|after|to)\b|\bsteps?\b|\bprocedure\b|\bwalk me through\b|\binstructions?\b",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"(?<!第)[两二三四五六七八九十\d](?:个|种|项|类|步|层|条|点|大|款|级|份|台|名|位|道)[\u3400-\u9fff]{1,10}(?:分别)?(?:都)?(?:是|有|为|包括)(?:什么|哪些)|(?:列出|列举|罗列|(?:决定|通过|达成|批准|商定)(?:了)?(?:什么|哪些)|什么(?:东西|费用|情况|物品)?(?:不(?:予|能|可以|得|在)|不包括|不报)|有哪些|哪些|哪[几两二三四五六七八九十\d]|分[哪几]|分别(?:是|为|有)|都有(?:什么|谁)|(?:包括|包含|写明|提供|准备|记录)(?:了)?(?:什么|哪些)|所有的?|全部的?|什么情况下|各.{0,12}(?:多少|什么|几|哪)|有(?:什么|何)(?:要求|规定|条件|限制|特点|优[点势]|[缺劣][点势]|功能|建议|措施|方法|办法|好处|坏处|原则|标准|用途))"
    r"|\b(?:which|what) (?:(?!(?:do|does|did|is|are|was|were|has|have|can|must|may|will|should|this|its)\b)[\w-]+ ){0,2}(?!(?:does|was|has|this|its|always)\b)[\w-]+(?<![sui])s\b|\bwhat (?:\w+ )?(?:advice|guidance)\b|\b(?:consists? of|includes?|contains?|comprises?)\s*\?|\blist\b|\bname (?:all|the|every)\b|\bwhat (?:was|were|has been|have they) (?:decided|agreed|approved|resolved|planned|ordered)\b|\bwhat(?:'s| is| are) (?:not |also |never )?(?:included|excluded|covered|refunded|reimbursed|allowed|permitted|forbidden|prohibited|banned|required|provided|offered|exempt(?:ed)?)\b|\bwhich (?:\w+ )?(?:ones|\w+s) (?:are|do|does|can|may|must|were|have|has|use|need)\b|\bwhat are (?:the|all|our|its)\b|\b(?:all|every) (?:the |of the )?\w+s\b|\bwhat (?:\w+ ){0,2}\w+s (?:are|do|does|were|have)\b",
    re.IGNORECASE,
)
# Asks the same of each of several things: a table's column, with all its rows. Not of what everybody has
# alike, and not how often.
_EACH = re.compile(
    r"各(?:个|种|项|类|台|款|级|家|门|组|层)?(?![位自界人员]).{1,16}(?:多少|什么|几|哪|谁|怎|如何|的.{1,10}[?？]?$)"
    r"|每(?:一)?(?:个|种|项|类|台|款|条|级|档|家|间|门|份|组|层|座|辆)(?!人|员工|月|季|星期|小时|工作日|用户|客户|学生).{1,16}(?:多少|什么|几|哪|谁|怎|如何|的.{1,10}[?？]?$)"
    r"|(?:不同|几[个种类]).{1,12}(?:分别|各)|分别.{0,6}(?:多少|什么|几|哪|谁)"
    r"|\b(?:what|which|who|how|where|when|list|show|give)\b.{0,60}\b(?:each|every)\s+(?!(?:one|time|person|employee|user|customer|visitor|member|night|day|week|month|quarter|year|hour|minute|second|party)s?\b)(?:of\s+)?[a-z]+"
    r"|\bwhat (?:does|do|did) each\b|\bfor (?:each|every|all)\b|\brespective(?:ly)?\b",
    re.IGNORECASE,
)
_ALTOGETHER = re.compile(
    r"总|合计|一共|平均|相差|最|\b(?:sum|total|average|mean|most|least|largest|smallest|highest|lowest|cheapest|combined|altogether)\b",
    re.IGNORECASE,
)
_REASONS = re.compile(
    r"(?:为什么|为何|为啥|原因|缘故|理由|怎么会)|\bwhy\b|\breasons?\b|\bwhat (?:causes?|caused|is the cause)\b",
    re.IGNORECASE,
)
_DEFINITION = re.compile(
    r"(?:什么是|何谓|是什么意思|含义|定义|指的是什么|是什么[?？]?$|是啥)|\bwhat (?:does|do) .{1,60} (?:mean|stand for)\b|\bwhat is (?:a |an |the )?[\w.+-]+(?: [\w.+-]+){0,2}\s*\?*$|\bdefin(?:e|ition)\b|\bmeaning of\b",
    re.IGNORECASE,
)
_YESNO = re.compile(
    r"(?:吗|(?<![什怎多这那])么)\s*[?？]?\s*$|(?:是不是|是否|能不能|可不可以|可否|能否|有没有|会不会|要不要|需不需要|允不允许)|^(?:is|are|was|were|do|does|did|can|could|may|might|must|shall|should|will|would|has|have|had)\b(?!.*\bor\b.*\?$)",
    re.IGNORECASE,
)
# 怎么判断要不要…: how one finds out is asked, not whether.
_EMBEDDED = re.compile(
    r"(?:怎么|如何|怎样)[^，,。?？]{0,6}(?:判断|决定|确定|知道|看出|确认|检查|区分|衡量)"
)
_PARTS = re.compile(
    r"[?？]\s*(?=\S)|[;；]\s*(?=\S)|[,，]\s*(?:and|另外|还有|以及|并且|同时)\s*(?=(?:what|which|who|when|where|why|how|is|are|does|do|can|may|must)\b|.{0,12}(?:谁|什么|多少|几|哪|怎么|为什么|如何|吗))|\s{1,8}and\s{1,8}(?=(?:what|which|who|when|where|why|how (?:many|much|long|often|do|is))\b)|[,，](?=(?:什么|多少|哪|谁|怎么|为什么|如何).{1,30}[?？]?$)",
    re.IGNORECASE,
)
# 年假有几天，病假有几天？: two clauses that both ask.
_BOTH_ASK = re.compile(
    r"(?<=[\u3400-\u9fff])[,，]\s*(?=(?!请|谢)[^,，]{2,40}(?:什么|多少|几[天个种条项次点月年]|哪|谁|怎么|如何|吗)[^,，]{0,12}[?？]?\s*$)"
)
_HAN_ASKS = re.compile(r"什么|多少|几[天个种条项次点月年]|哪|谁|怎么|如何|吗")
_MOST_PARTS: Final = 4


def kind_of(text: str) -> Kind:
    """The kind of a question; 'fact' for what is none of the others."""
    folded = normalise(text).text.strip()
    if _GREETING.fullmatch(folded) or _ABILITY.fullmatch(folded):
        return "greeting"
    if asks_of_each(folded):
        return "list"
    if _ALL_DOCUMENTS.fullmatch(folded):
        return "overview"
    ordered: tuple[tuple[Kind, re.Pattern[str]], ...] = (
        ("documents", _DOCUMENTS),
        ("overview", _OVERVIEW),
        ("comparison", _BETWEEN),
        ("changes", _CHANGES),
        ("compute", _COMPUTE),
        ("comparison", _COMPARE),
        ("reasons", _REASONS),
        ("steps", _ORDER),
        ("yesno", _YESNO),
        ("steps", _STEPS),
        ("list", _LIST),
        ("definition", _DEFINITION),
    )
    embedded = _EMBEDDED.search(folded) is not None
    return next(
        (
            kind
            for kind, pattern in ordered
            if pattern.search(folded) and not (embedded and kind == "yesno")
        ),
        "fact",
    )


def asks_of_each(text: str) -> bool:
    """Whether the same is asked of each of several things, and nothing of all of them together."""
    folded = normalise(text).text.strip()
    return (
        bool(_EACH.search(folded))
        and not _ALTOGETHER.search(folded)
        and not _DOCUMENTS.search(folded)
        and not _BETWEEN.search(folded)
    )


def parts_of(text: str) -> tuple[str, ...]:
    """The questions that one message holds, in order; itself alone where it is one."""
    pieces = [piece.strip(" ,，") for piece in _PARTS.split(text.strip()) if piece]
    if len(pieces) == 1 and (both := _BOTH_ASK.split(pieces[0])) and len(both) == 2:
        pieces = both if _HAN_ASKS.search(both[0]) else pieces
    pieces = [piece for piece in pieces if sum(c.isalnum() for c in piece) >= 4]
    if len(pieces) < 2 or len(pieces) > _MOST_PARTS:
        return (text,)
    return tuple(pieces)
