"""Bytes of a text file to text, Chinese encodings included."""

import codecs
from collections.abc import Sequence
from itertools import pairwise
from unicodedata import category, name

import regex
from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with that of UTF-16-LE
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 65_536
_SURE = 1.2  # likeness, at most 2, of text that is Chinese beyond doubt
_CHINESE = ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be")

# The commonest characters of written Chinese, simplified and traditional: a file that was read
# in the wrong encoding holds next to none of them.
_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政"
    "美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员"
    "解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件"
    "计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象"
    "完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运"
    "這個們來為國說時會對於過發後裡種經學現當沒動還進樣開從實無與長機業將兩間問並應戰頭體見產話給門員論處"
    "義條氣題爾別變總電數報結務場計資許統區隊決馬書則聽達強難權設記類據邊張該規萬覺術領確傳師觀讓識帶導爭"
    "運請點關係網臺灣員圖館證檔紀錄歲際參級單歷濟備華號線團陳導師築質營連專陸轉親錢軍戰護預測選擇獨責極創據陽網絡類聯"
    "療藥醫險費環範約減續編輯確認錯誤標準價顯響錄構邏輯檢驗協議啟動終結輸視頻簽顧訂購買賣農區廣東飛鐵樓廠儲蓄億萬"
    "，。、：；？！（）“”「」《》"
)
# The same of Korean; and what makes a text Japanese.
_COMMON_HANGUL = frozenset(
    "이다는에을를가의은로하고한사지기서도자있어시인나아대해일전정그것수들리으스과와부라장제보주여세상구원동공성회무관"
    "안습니까요우오소비만조국마미년월계유신경생간호번실교직용당모품재름개중내분선연단문방터면되된할합게네야데더때위물"
)
_IN_A_WORD = regex.compile(rb"[a-z][\x80-\xff]|[\x80-\xff]{1,2}[a-z]")
_PAIR_IN_A_WORD = regex.compile(rb"(?<=[A-Za-z])[\xc0-\xff]{2}(?=[a-z])")
# What consoles of several countries write, the commonest first.
_OF_CONSOLES = ("cp437", "cp1252", "cp850", "cp866", "cp1251")
_OF_NAMES = ("gb18030", "big5hkscs", "cp949", "euc_jp", "cp932")
_KANA = regex.compile(r"[\u3041-\u3096\u30a1-\u30fc]")
_HANGUL = regex.compile(r"[\uac00-\ud7a3]")
_NEIGHBOURS = ("cp949", "euc_jp", "cp932")
_LEAST_LETTERS, _LEAST_SHARE = 3, 0.25  # of the commonest letters, in Korean and Japanese
# What charset-normalizer calls a text of two-byte characters, which are told apart here.
_TWO_BYTES = frozenset(
    "big5 big5hkscs cp932 cp949 cp950 euc_jis_2004 euc_jisx0213 euc_jp euc_kr gb18030 gb2312 gbk hz"
    " johab shift_jis shift_jis_2004 shift_jisx0213 utf_16 utf_16_be utf_16_le".split()
)
_HIGH_RUN = regex.compile(rb"[\x80-\xff]+")
_NON_ASCII = regex.compile(r"[^\x00-\x7f]")
_CONTROL = regex.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def decode(data: bytes) -> str | None:
    """The text of a text file, or None when the bytes are no text.

    A byte order mark decides; then UTF-8 if the bytes are valid UTF-8 (a few broken sequences
    in a long file become U+FFFD); then Korean or Japanese, if its commonest letters stand there;
    then, of GB18030, Big5 and UTF-16 without a mark, the one whose reading looks most like Chinese;
    then, for other writing, what charset-normalizer finds. None if nothing fits or the result is full of control characters.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _unless_binary(data.decode(encoding, "replace"))
    if b"\x00" not in data[:_SAMPLE_BYTES]:
        try:
            text = data.decode("utf-8")
            # Chinese in UTF-16 without a mark may be valid UTF-8, but hardly without controls.
            if not (_CONTROL.search(text[:_SAMPLE_BYTES]) and _likely_utf16(data)):
                return _unless_binary(text)
        except UnicodeDecodeError:
            damaged = _damaged_utf8(data)
            if damaged is not None:
                return _unless_binary(damaged)
    guessed = _guess(data[:_SAMPLE_BYTES])
    return None if guessed is None else _unless_binary(data.decode(guessed, "replace"))


def decode_names(names: Sequence[bytes]) -> list[str]:
    """Names of files, as the program of some machine wrote them without a word on their encoding. All
    of them decide; as an archive has it, Chinese in GBK above others where they are short."""
    data = b"\n".join(name.replace(b"\n", b" ") for name in names)
    return _decoded_names(data).split("\n")


def _decoded_names(data: bytes) -> str:
    readable = {encoding: _strictly(data, encoding) for encoding in ("utf-8", *_OF_NAMES)}
    likely = {encoding: _likeness(text) for encoding, text in readable.items() if text is not None}
    chinese = max(("gb18030", "big5hkscs"), key=lambda encoding: likely.get(encoding, -2.0))
    score = likely.get(chinese, -2.0)
    if (as_utf8 := readable["utf-8"]) is not None:
        # Two Chinese characters may be valid UTF-8 by chance, but then of no Chinese ones.
        by_chance = not data.isascii() and not any(char >= "\u0800" for char in as_utf8)
        scripts = {name(char, "").partition(" ")[0] for char in as_utf8 if not char.isascii()}
        if not (by_chance and score >= 1.0 and len(scripts) > 1):
            return as_utf8
    for encoding in _NEIGHBOURS:
        if (text := readable[encoding]) is not None and _is_neighbour(text):
            return text
    western = min((data.decode(encoding, "replace") for encoding in _OF_CONSOLES), key=_misspelt)
    if _IN_A_WORD.search(data) and not _misspelt(western):
        return western
    if score >= 1.0:
        return data.decode(chinese)
    if (text := readable["cp932"]) is not None and (_KANA.search(text) or likely["cp932"] >= 1.0):
        return text
    return western


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _misspelt(text: str) -> int:
    """How many characters are no letters where letters of a western name would be, of another script
    than the one before, or large after a small one."""
    wrong = 0
    for before, char in pairwise(f" {text}"):
        if char.isascii():
            continue
        script = name(char, "").partition(" ")[0]
        mixed = before.isascii() and before.isalpha() and script != "LATIN"
        large = before.islower() and char.isupper()
        wrong += script not in ("LATIN", "CYRILLIC") or mixed or large
    return wrong


def _damaged_utf8(data: bytes) -> str | None:
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return text if broken <= len(_NON_ASCII.findall(text)) // 100 else None


def _guess(sample: bytes) -> str | None:
    sample = sample[: len(sample) // 2 * 2]
    if b"\x00" not in sample and _is_western(sample):
        return "cp1252"
    if b"\x00" not in sample:
        for encoding in _NEIGHBOURS:
            if _is_neighbour(_readable(sample, encoding) or ""):
                return encoding
    scores: list[tuple[float, str]] = []
    for encoding in _CHINESE:
        if b"\x00" in sample and not encoding.startswith("utf-16"):
            continue
        text = _readable(sample, encoding)
        if text is not None:
            scores.append((_likeness(text), encoding))
    score, likeliest = max(scores, default=(0.0, ""))
    if score >= _SURE or (score >= 0.5 and (b"\x00" in sample or len(sample) < 40)):
        return likeliest
    if b"\x00" in sample:
        return None
    found = from_bytes(sample).best()
    if found is None or (score > 0 and found.encoding in _TWO_BYTES):
        return likeliest or None
    return found.encoding


def _readable(sample: bytes, encoding: str) -> str | None:
    """The sample in an encoding, or None; it may end within a character."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(sample, False)
    except UnicodeDecodeError:
        return None


def _is_neighbour(text: str) -> bool:
    """Whether a text is Korean or Japanese."""
    most = len(_NON_ASCII.findall(text))
    common = sum(letter in _COMMON_HANGUL for letter in _HANGUL.findall(text))
    kana = len(_KANA.findall(text))
    return max(common, kana) >= max(_LEAST_LETTERS, _LEAST_SHARE * most)


def _likely_utf16(data: bytes) -> bool:
    """Whether the bytes read as Chinese in UTF-16."""
    sample = data[: min(len(data), _SAMPLE_BYTES) // 2 * 2]
    texts = (sample.decode(encoding, "replace") for encoding in ("utf-16-le", "utf-16-be"))
    return len(data) % 2 == 0 and max(map(_likeness, texts)) >= _SURE


def _is_western(sample: bytes) -> bool:
    """Bytes above 127 stand alone between ASCII letters, as accented letters do, or as pairs within
    a word ('Größe')."""
    if _CONTROL.search(sample.decode("latin-1")):
        return False
    runs = _HIGH_RUN.findall(sample)
    alone = sum(1 for run in runs if len(run) == 1) + len(_PAIR_IN_A_WORD.findall(sample))
    return bool(runs) and alone >= 0.9 * len(runs) and sum(map(len, runs)) < len(sample) / 4


def _likeness(text: str) -> float:
    """How much the characters look like those of a Chinese text, at most 2.

    2 for each common character, 1 for one in the first level of GB 2312 or Big5 (the 3,755
    and 5,401 characters in ordinary use), 0 for others, -2 for unassigned and private ones;
    averaged over the characters outside ASCII. Text in ASCII alone counts 1 (UTF-16 only).
    """
    others = _NON_ASCII.findall(text)
    if not others:
        return 1.0 if text.isprintable() or text.strip() else 0.0
    return sum(map(_weight, others)) / len(others)


def _weight(character: str) -> int:
    if character in _COMMON:
        return 2
    if category(character) in ("Cn", "Co", "Cc", "Cs"):
        return -2
    for encoding, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        try:
            if first <= character.encode(encoding)[0] <= last:
                return 1
        except UnicodeEncodeError:
            continue
    return 0


def _unless_binary(text: str) -> str | None:
    sample = text[:_SAMPLE_BYTES]
    return None if len(_CONTROL.findall(sample)) > len(sample) / 50 + 1 else text
