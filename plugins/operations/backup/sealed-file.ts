import { createReadStream, createWriteStream, rmSync, type WriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { createGunzip, createGzip } from 'node:zlib'
import { Decrypter, Encrypter } from 'age-encryption'
import { BackupError } from './format.ts'

/** Whoever may read a backup: the holders of age keys (`age1…`), or whoever knows the passphrase. */
export type Lock = { recipients: readonly string[] } | { passphrase: string }
/** What opens it: age identities (`AGE-SECRET-KEY-1…`), or the passphrase. */
export type Opener = { identities: readonly string[] } | { passphrase: string }

const ENDS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const LEAST_PASSPHRASE = 12
/** In characters: more than the largest row there is. */
const LONGEST_LINE = 64 * 1024 * 1024

/** Writes lines into a file that must not be there yet; it has its name once it is whole and on the disk. */
export async function writeSealed(path: string, lines: AsyncIterable<string>, lock: Lock): Promise<void> {
  const encrypter = encrypterFor(lock)
  const draft = `${path}.part`
  const file = createWriteStream(draft, { mode: 0o600, flags: 'wx' })
  let broken: unknown = null
  file.once('error', (error) => {
    broken = error
  })
  const forget = takingAlong(draft, file)
  try {
    const zipped = createGzip()
    const zipping = pipeline(Readable.from(lines), zipped)
    // Waited for below; it may fail before that.
    zipping.catch(() => undefined)
    const sealed = await encrypter.encrypt(Readable.toWeb(zipped) as globalThis.ReadableStream<Uint8Array>)
    await Promise.all([zipping, pipeline(Readable.fromWeb(sealed as ReadableStream<Uint8Array>), file)])
    const written = await open(draft, 'r')
    await written.sync()
    await written.close()
    await rename(draft, path)
  } catch (error) {
    file.destroy()
    if (error !== broken) {
      await rm(draft, { force: true })
      throw error
    }
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST')
      throw new BackupError(`已有 ${draft}：另一个备份正在写它，或者上次没有写完就断了。确知没有在写的，请删去它再备份`)
    await rm(draft, { force: true }).catch(() => undefined)
    throw new BackupError(`${code === 'ENOSPC' ? '空间不够，' : ''}写不了 ${draft}（${code}）：没有备份`)
  } finally {
    forget()
  }
}

/** Whoever ends the command in the middle leaves no half of a backup behind, which would be in the way of the next one. */
function takingAlong(draft: string, file: WriteStream): () => void {
  const end = (signal: NodeJS.Signals) => {
    // Only what this process has made.
    if (!file.pending) rmSync(draft, { force: true })
    forget()
    process.kill(process.pid, signal)
  }
  const forget = () => {
    for (const signal of ENDS) process.off(signal, end)
  }
  for (const signal of ENDS) process.once(signal, end)
  return forget
}

/** → the lines of such a file. Throws a {@link BackupError}, at once or while it is read, when it cannot be opened, was altered or is cut. */
export async function* readSealed(path: string, opener: Opener): AsyncGenerator<string> {
  const decrypter = decrypterFor(opener)
  const bytes = createReadStream(path)
  const plain = await decrypter.decrypt(Readable.toWeb(bytes) as globalThis.ReadableStream<Uint8Array>).catch((error: unknown) => {
    bytes.destroy()
    throw refusalOf(error, path)
  })
  const text = createGunzip()
  // What goes wrong before it is told where the text is read.
  pipeline(Readable.fromWeb(plain as ReadableStream<Uint8Array>), text).catch(() => undefined)
  try {
    yield* linesOf(text.setEncoding('utf8'))
  } catch (error) {
    throw refusalOf(error, path)
  } finally {
    text.destroy()
    bytes.destroy()
  }
}

/** Whoever has the public key can write such a file: a line without an end is not collected for ever, nor looked through again with each piece. */
async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let pieces: string[] = []
  let length = 0
  for await (const chunk of text) {
    const [first = '', ...further] = chunk.split('\n')
    pieces.push(first)
    length += first.length
    if (length > LONGEST_LINE) throw new BackupError('备份里有一行长得不像中枢写的，不能恢复')
    const last = further.pop()
    if (last === undefined) continue
    yield pieces.join('')
    yield* further
    pieces = [last]
    length = last.length
  }
  if (length > 0) yield pieces.join('')
}

/** Throws a {@link BackupError} for what locks nothing. */
export function assertLock(lock: Lock): void {
  encrypterFor(lock)
}

function encrypterFor(lock: Lock): Encrypter {
  const encrypter = new Encrypter()
  if ('passphrase' in lock) {
    if (lock.passphrase.length < LEAST_PASSPHRASE) throw new BackupError(`口令至少要 ${LEAST_PASSPHRASE} 个字符`)
    encrypter.setPassphrase(lock.passphrase)
    return encrypter
  }
  for (const recipient of lock.recipients) {
    try {
      encrypter.addRecipient(recipient)
    } catch {
      throw new BackupError(`不是 age 公钥（age1…，由 age-keygen 生成）：${shown(recipient)}`)
    }
  }
  return encrypter
}

/** What somebody took for a public key may be his private one. */
function shown(recipient: string): string {
  return /^age1/.test(recipient) ? recipient : '（不以 age1 开头，不重复出来，以免是私钥）'
}

function decrypterFor(opener: Opener): Decrypter {
  const decrypter = new Decrypter()
  if ('passphrase' in opener) decrypter.addPassphrase(opener.passphrase)
  else
    for (const identity of opener.identities) {
      try {
        decrypter.addIdentity(identity)
      } catch {
        throw new BackupError('私钥文件里有一行不是 age 私钥（AGE-SECRET-KEY-1…）')
      }
    }
  return decrypter
}

function refusalOf(error: unknown, path: string): unknown {
  if (error instanceof BackupError) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return new BackupError(`没有这个文件：${path}`)
  // Of the file itself; what is inside has no such name.
  if (code === 'EISDIR' || code === 'EACCES' || code === 'EPERM' || code === 'EIO') return new BackupError(`读不了 ${path}（${code}）`)
  if (/no identity matched/i.test(message)) return new BackupError('打不开备份：口令或私钥不对')
  return new BackupError(`备份不完整或已被改动，不能恢复：${path}（${message}）`)
}
