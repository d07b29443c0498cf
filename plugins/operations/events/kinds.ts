/** What an app tells of. */
export const eventKinds = { page: '打开页面', click: '点击功能', arrival: '新用户的来源' } as const
export type EventKind = keyof typeof eventKinds

/** Something that was done, as an app tells it: nobody is named in it. */
export interface AppEvent {
  kind: EventKind
  /** A page, a function or a source of new users, as the event source lists them. */
  name: string
  /** How long a page was looked at. */
  seconds?: number
}

/** Stands for whatever a source does not list. */
export const OTHER = ''
