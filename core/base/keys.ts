/** Agencies' keys compared without case and underscores: `CREATE_TIME`, `createTime` and `createtime` are one. */
export function foldKey(key: string): string {
  return key.toLowerCase().replaceAll('_', '')
}
