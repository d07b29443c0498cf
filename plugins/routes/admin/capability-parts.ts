import Type from 'typebox'
import { part } from '../../route-kit/part.ts'

/** Shown in a row; the well-known ones are 高频服务, 新上线服务 and 政务专属服务 (contract annex 1.2.3.3.1). */
export const TAGS = part.list('标签', part.text('标签', { minLength: 1, maxLength: 12, pattern: '\\S' }), {
  uniqueItems: true,
  maxItems: 10,
})

/** Which one the caller read: what has been changed since is not written over. */
export const REVISION = Type.Unsafe<number>({ type: 'integer', minimum: 0, title: '读到的修订号' })

export const MOMENT = Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date-time', title: '时间' })

export const COUNT = Type.Unsafe<number>({ type: 'integer', minimum: 0, title: '次数' })
