export const questionKinds = { question: '询问', complaint: '投诉' } as const
export type QuestionKind = keyof typeof questionKinds

/** The life of what a citizen asked about an entry (docs/ledger.md draws it); every change is made only from where it may. */
export const questionStates = {
  open: { title: '待答复', to: ['answered', 'passed-on', 'closed'] },
  'passed-on': { title: '已转交有关单位', to: ['answered', 'closed'] },
  answered: { title: '已答复', to: [] },
  closed: { title: '已关闭', to: [] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>
export type QuestionState = keyof typeof questionStates

export const questionTitles = Object.fromEntries(Object.entries(questionStates).map(([name, { title }]) => [name, title])) as {
  [K in QuestionState]: string
}

/** States from which a question may come to this one. */
export function questionSources(to: QuestionState): QuestionState[] {
  return (Object.keys(questionStates) as QuestionState[]).filter((from) => (questionStates[from].to as readonly string[]).includes(to))
}
