/** The life of a file. Every change of state goes through {@link assertFileMove}; docs/files.md draws it. */
export const fileStates = {
  uploading: { title: '正在上传', to: ['scanning', 'refused', 'erased'] },
  scanning: { title: '正在检查', to: ['ready', 'refused', 'erased'] },
  ready: { title: '可以使用', to: ['erased'] },
  refused: { title: '未被接受', to: ['erased'] },
  erased: { title: '已删除', to: [] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type FileState = keyof typeof fileStates

/** Those that somebody may see. */
export const seenStates = ['uploading', 'scanning', 'ready', 'refused'] as const satisfies readonly FileState[]

export function assertFileMove(from: FileState, to: FileState): void {
  if (!(fileStates[from].to as readonly string[]).includes(to)) throw new Error(`a file cannot go from ${from} to ${to}`)
}

/** Why a file was refused, in words for whoever brought it. */
export const refusals = {
  type: '文件的内容和所声明的类型不符，或者不是可以上传的类型',
  virus: '文件中发现病毒',
  pixels: '图片的像素过多',
  unreadable: '图片无法读取',
  bomb: '压缩包展开后大得不合理，或者无法读取',
} as const

export type Refusal = keyof typeof refusals
