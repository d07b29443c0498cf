import { field, input } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** The same for everybody, signed in or not, and asked each time (实时反映), so that what changes is public at once. */
export const open = { section: '1.4.17', kind: 'list', audience: 'public', identity: 'none' } as const

/** Registers are long: the caller's page is the platform's, and only what is asked of the platform narrows it. */
export const paged = (path: string) =>
  ({ path, method: 'GET', paging: { style: 'page', page: 'pageNo', size: 'pageSize', base: 1, rows: 50, through: true } }) as const

/** What a register is searched by. */
export const search = {
  keyword: input.text('关键词', { code: 'keyword', maxLength: 50 }),
  unifiedSocialCreditCode: input.text('统一社会信用代码', { code: 'shxydm', format: 'uscc', maxLength: 18 }),
}

/** 行政相对人: a company's name is public, a natural person's is shortened. */
export const party = (prefix: 'XK' | 'CF') => ({
  partyName: field.text('行政相对人名称', { code: `${prefix}_XDR_MC`, mask: 'party', required: true }),
  partyKind: field.code('行政相对人类别', lists.partyKinds, { code: `${prefix}_XDR_TYPE` }),
  unifiedSocialCreditCode: field.text('统一社会信用代码', { code: `${prefix}_XDR_SHXYM` }),
  legalRepresentative: field.text('法定代表人', { code: `${prefix}_FRDB`, mask: 'name' }),
})

/** Papers that go with an application. */
export const PAPER = { mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'], maxBytes: 8 * 1024 * 1024 }
