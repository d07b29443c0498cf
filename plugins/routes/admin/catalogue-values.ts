import Type from 'typebox'
import { part } from '../../route-kit/part.ts'

/** Of this site or by TLS: nothing that a page or the app would run. */
const SAFE = '[^\\s<>"\'`\\\\]'
const PLACE = `https://${SAFE}+|/|/(?!/)${SAFE}+`

export const ICON = part.maybe('图标：一两个字，或图片地址', { minLength: 1, maxLength: 500, pattern: `^(${SAFE}{1,8}|${PLACE})$` })
export const ADDRESS = part.maybe('跳转地址：本站路径，或 https 地址', { maxLength: 1000, pattern: `^(${PLACE})$` })
export const WEIGHT = Type.Unsafe<number>({ type: 'integer', minimum: -1_000_000, maximum: 1_000_000, title: '权重，大的在前' })
