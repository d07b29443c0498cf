import type { Fields } from './fields.ts'

/** Something of a service that its user can have himself told of, without asking again and again. */
export type SubscriptionPolicy<F = Fields> = {
  /** Chinese words for citizens: 还款提醒. */
  title: string
} & (
  | {
      /** A day comes near. */
      on: 'date'
      /** Field of type date or until; days that are past are not told. */
      field: keyof F & string
      /** Days before it from which the user may choose; the first unless he says otherwise. */
      daysBefore: readonly number[]
    }
  | {
      /** A record is there that was not. */
      on: 'news'
      /** Fields that tell one record from another. */
      key: readonly (keyof F & string)[]
    }
)

export type Subscriptions<F = Fields> = Readonly<Record<string, SubscriptionPolicy<F>>>
