import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

export interface TreeCopy {
  /** Its root. */
  folder: string
  /** Runs `node` there, away from the settings of this process. → what it printed; rejects where it fails. */
  node(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>
  remove(): void
}

/** The tree as it stands in the working folder, without what git ignores, in a folder of its own. */
export async function copyTree(): Promise<TreeCopy> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-tree-'))
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'], { cwd: ROOT })
  const { stdout: deleted } = await run('git', ['ls-files', '-z', '--deleted'], { cwd: ROOT })
  const gone = new Set(deleted.split('\0'))
  for (const path of stdout.split('\0')) if (path !== '' && !gone.has(path)) cpSync(join(ROOT, path), join(folder, path))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return {
    folder,
    async node(args, env = {}) {
      const { PATH = '', HOME = '' } = process.env
      const options = { cwd: folder, env: { PATH, HOME, DATA_DIR: join(folder, '.data'), ...env }, maxBuffer: 64 * 1024 * 1024 }
      return (await run(process.execPath, [...args], options)).stdout
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}
