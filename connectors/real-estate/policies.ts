import { field, input } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** Picks one of several properties. */
export const propertyCertificateNumber = input.documentNumber('不动产权证号', { code: 'bdcqzh' })

/** Where the register's rows name the owners of the property and whoever lodged an objection, by id number. */
export const PARTIES = ['ZTT_GY_QLR.zjh', 'qlrxx.zjh', 'zjh', 'sqrzjh'] as const

/** Somebody whom a record names: id number decides who may see it, and all are shortened; the asker can see their own whole. */
export const partyColumns = (role: string, nameCode: string | readonly string[]) => ({
  name: field.text(`${role}名称`, { code: nameCode, mask: 'party', reveal: true }),
  idType: field.code('证件种类', lists.idTypes, { code: 'zjzl' }),
  idNumber: field.text('证件号码', { code: 'zjh', mask: 'idNumber', subject: 'party' }),
  phone: field.text('联系电话', { code: 'dh', mask: 'phone', reveal: true }),
  address: field.text('联系地址', { code: 'dz', mask: 'address', reveal: true }),
})
