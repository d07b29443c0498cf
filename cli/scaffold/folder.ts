import type { Newcomer } from './answers.ts'
import { declarationText } from './declaration.ts'
import { promiseText, readmeText } from './papers.ts'
import { codesText, rowsText, testText } from './sandbox.ts'

/** The files of a connector that starts at once, by their paths in its folder: one list of one's own records, with invented rows. */
export function folderOf(newcomer: Newcomer): Readonly<Record<string, string>> {
  return {
    'index.ts': declarationText(newcomer),
    'codes.ts': codesText(newcomer),
    'sandbox/rows.ts': rowsText(),
    'README.md': readmeText(newcomer),
    'promise.json': promiseText(newcomer),
    'test/rows.test.ts': testText(),
  }
}
