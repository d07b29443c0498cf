import type { Newcomer } from './answers.ts'
import { envelopeOf } from './dialects.ts'

/** `promise.json`: what `index.ts` begins with, to be rewritten in the contract's own words. */
export function promiseText({ section }: Newcomer): string {
  return `[
  {
    "id": "records",
    "name": "我的记录",${section === null ? '' : `\n    "section": ${JSON.stringify(`${section}.1`)},`}
    "kind": "list",
    "audience": "person",
    "identity": "real-name",
    "inputs": [["period", "办理日期"]],
    "fields": [
      ["idNumber", "证件号码", "string"],
      ["recordNumber", "记录编号", "string"],
      ["title", "事项", "string"],
      ["date", "办理日期", "date"],
      ["state", "状态", "enum"],
      ["amount", "金额", "money"]
    ]
  }
]
`
}

export function readmeText({ id, name, agency, dialect, section }: Newcomer): string {
  return `# ${name} · ${id}

${agency}${section === null ? '' : ` (contract ${section})`}. Begun by \`hub connector new\`: one list, \`records\`, whose names and codes are guesses.

| file | holds |
|---|---|
| \`index.ts\` | the declaration |
| \`codes.ts\` | code lists, each with its source |
| \`promise.json\` | the services in the contract's words, kept by hand |
| \`sandbox/rows.ts\` | what the invented people have |
| \`test/\` | tests of what is special to it |

## To be confirmed with the agency

1. The address of its test system, and the credentials of the way of signing \`${dialect}\`.
2. That answers come in the form that \`envelope.${envelopeOf(dialect)}()\` reads.
3. The id of the service there, its parameters (\`xm\`, \`zjhm\`, \`ksrq\`, \`jsrq\`) and the keys of its fields.
4. The codes of 状态.
5. That a person is known there by name and id number.
`
}
