import { input } from '../../core/connector.ts'

export const section = '1.4.16'

/** What concerns a resident is asked with the resident's own token. */
export const own = (sid: string) => ({ system: 'personal', sid }) as const

export const filing = { section, kind: 'submit', timeoutMs: 15_000, rate: { max: 20, perSeconds: 60 } } as const

export const contactPhone = input.phone('联系电话', { code: 'lxdh', required: true })

/** How every filing is sent and followed; `path`: its own at the platform. */
export const followed = { serial: 'lsh', pollSeconds: 30, maxAttempts: 8 } as const
