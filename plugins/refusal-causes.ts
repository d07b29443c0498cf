/** Why a connector does not run, in words for whoever operates the hub; what exactly, and where, the reasons beside say to its developers. */
export const refusalCauses = {
  missing: '没有入口文件',
  unloaded: '代码无法载入',
  empty: '没有默认导出，不是连接器',
  id: '自称的编号与所给的编号不一致',
  own: '这个编号归中枢自用',
  taken: '编号已被另一个连接器占用',
  absent: '软件包没有安装',
  unlocked: '软件包与 package-lock.json 锁定的不一致',
  api: '是为另一个接口版本写的，与这个中枢不兼容',
  declaration: '声明有错误',
  start: '启动时出错',
  beside: '不能作为现行版本的候选',
} as const
export type RefusalCause = keyof typeof refusalCauses

/** Found out where nobody runs code of the connector's yet. The message is a developer's. */
export class PackageTrouble extends Error {
  readonly sort: RefusalCause

  constructor(sort: RefusalCause, message: string) {
    super(message)
    this.sort = sort
  }
}

/** How it is told: of a declaration, how many mistakes there are. */
export function refusalWords(cause: RefusalCause, reasons: readonly string[]): string {
  return cause === 'declaration' ? `声明有 ${reasons.length} 处错误` : refusalCauses[cause]
}
