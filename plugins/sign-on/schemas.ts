import Type from 'typebox'
import type { Return } from './sign-on.ts'

/** Routes under `/sign-on`: what they take, and how OpenAPI shows them. */
const tags = ['统一登录']
const short = { type: 'string', maxLength: 512 } as const
const target = { type: 'string', maxLength: 4000, title: '登录之后去的地址：本平台的路径' } as const

export const startSchema = {
  operationId: 'sign-on.start',
  summary: '去登录',
  description: '转到应用的登录页；完成之后回到 return。',
  tags,
  querystring: Type.Unsafe<{ return: string }>({ type: 'object', properties: { return: { ...target, default: '/sign-on' } } }),
  response: { 302: Type.Unsafe({ type: 'null', description: '应用的登录页' }) },
}

export const callbackSchema = {
  operationId: 'sign-on.callback',
  summary: '登录回来',
  description: '以一次性票据（ticketId）或授权码（code）换取用户，建立会话，转到登录前的地址。',
  tags,
  // Platforms add parameters of their own.
  querystring: Type.Unsafe<Return>({
    type: 'object',
    properties: {
      ticketId: { ...short, title: '票据' },
      code: { ...short, title: '授权码' },
      state: { ...short, title: '状态' },
      sp: { ...short, title: '状态（部分平台的叫法）' },
      error: { ...short, title: '没有登录的原因' },
    },
  }),
  response: { 303: Type.Unsafe({ type: 'null', description: '登录前的地址' }) },
}

export const standingSchema = {
  operationId: 'sign-on',
  summary: '是否已登录',
  tags,
  response: { 200: Type.Unsafe({ type: 'string', description: '网页' }) },
}

/** Asks, for {@link endSchema} to do. */
export const askEndSchema = {
  operationId: 'sign-on.ask-end',
  summary: '退出登录的页面',
  tags,
  querystring: Type.Unsafe<{ return?: string }>({ type: 'object', properties: { return: target } }),
  response: { 200: Type.Unsafe({ type: 'string', description: '网页' }) },
}

export const endSchema = {
  operationId: 'sign-on.end',
  summary: '退出登录',
  tags,
  querystring: Type.Unsafe<{ return?: string }>({ type: 'object', properties: { return: target } }),
  response: { 200: Type.Unsafe({ type: 'string', description: '网页' }), 303: Type.Unsafe({ type: 'null', description: 'return' }) },
}
