import Type from 'typebox'

const description = 'STATISTICS_FEWEST_PEOPLE：少于这个数的人数不显示，其余的取它的倍数（docs/statistics.md）'

/** Which numbers of people statistics withhold. */
export const FEWEST = Type.Unsafe<number>({ type: 'integer', minimum: 1, title: '至少多少人才显示', description })

/** Why a number beside it is null. */
export const withheld = (title: string) => Type.Unsafe<boolean>({ type: 'boolean', title, description })
