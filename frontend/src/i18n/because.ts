// Written by `make docs` from [cli.why] of app/texts.
import type { Refusal } from "../api/types";

export const because = {
  en: {
    no_hits: "Nothing in the library matches the question.",
    not_computable: "The answer has to be computed over a table, and cannot be.",
    low_relevance: "No passage that was found answers the question.",
    model: "The closest passages were read, and the answer was not found in them.",
    unverified: "A draft was written, but the documents do not bear it out as an answer to this question, so it is not shown.",
  },
  zh: {
    no_hits: "文档库中没有与问题匹配的内容。",
    not_computable: "答案需要对表格进行计算，但无法计算。",
    low_relevance: "找到的段落都没有回答这个问题。",
    model: "模型读过最接近的段落，没有在其中找到答案。",
    unverified: "模型写出了草稿，但文档不足以证明它回答了这个问题，因此不予显示。",
  },
} satisfies Record<string, Record<Refusal["reason"], string>>;
