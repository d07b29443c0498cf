import type { Verification } from '../../kinds/document/issue.ts'
import { escapeHtml, page, scriptPolicy } from '../../web/page.ts'
import { codeForm, facts, readable } from '../../web/parts.ts'

/**
 * Compares a chosen or dropped file with the SHA-256 that the page carries. The file stays in the browser.
 * Browsers offer SubtleCrypto on https (and on the machine itself) only; elsewhere the page says so.
 */
const SCRIPT = `(() => {
const box = document.getElementById('compare'), input = document.getElementById('file'), result = document.getElementById('result')
const say = (kind, text) => { result.className = kind; result.textContent = text }
box.hidden = false
if (!globalThis.crypto || !crypto.subtle) {
  input.disabled = true
  return say('note', '浏览器只在 https 网页上提供文件比对，本页不是通过 https 打开的，所以现在不能比对。请改用 https 地址打开，或者用其他工具计算文件的 SHA-256，与上面的“文件摘要”对照。')
}
const compare = async (file) => {
  if (!file) return
  say('note', '正在比对……')
  try {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
    const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
    if (hash === box.dataset.hash) say('good', '一致：“' + file.name + '”就是当时出具的文件，没有改动过。')
    else say('bad', '不一致：“' + file.name + '”不是当时出具的文件，或者内容被改动过。打印后扫描、拍照或另存的文件也会不一致，请向持有人要原来的 PDF 文件。')
  } catch {
    say('bad', '文件读不出来，请重新选择。')
  }
}
input.addEventListener('change', () => compare(input.files[0]))
addEventListener('dragover', (event) => event.preventDefault())
addEventListener('drop', (event) => { event.preventDefault(); compare(event.dataTransfer.files[0]) })
})()`

export const VERIFICATION_POLICY = scriptPolicy(SCRIPT)

const SANDBOX = '<p class="note"><strong>这是沙箱出具的证明。</strong>持有人和内容都是虚构的，没有任何效力。</p>'

/** What whoever scanned a document's QR code sees. */
export function verificationPage({ service, agency, holder, issuedAt, expiresAt, contentHash }: Verification, sandbox: boolean): string {
  const shown: [string, string][] = [
    ['证明名称', service],
    ['数据提供单位', agency],
    ...(holder ? ([['持有人', `${holder.name}（${holder.number}）`]] as [string, string][]) : []),
    ['出具时间', readable(issuedAt)],
    ['核验有效期至', readable(expiresAt)],
    ['文件摘要', contentHash],
  ]
  return page(
    '证明核验',
    `${sandbox ? SANDBOX : ''}<p class="good"><strong>这个验证码是真的，证明有效。</strong>请核对您手中的证明与下面的信息是否一致。</p>${facts(shown)}
<p class="muted">姓名和号码隐去了一部分。“文件摘要”是文件的 SHA-256，任何改动都会使它不同。</p>
<section aria-labelledby="compare-title"><h2 id="compare-title">比对文件</h2>
<noscript><p class="note">比对文件需要浏览器启用脚本。</p></noscript>
<div id="compare" data-hash="${escapeHtml(contentHash)}" hidden><label class="drop">选择您手中的 PDF 文件，或者拖到这里。文件不会上传，只在您的浏览器里计算。<input type="file" id="file" accept="application/pdf,.pdf"></label></div>
<p id="result" role="status" aria-live="polite"></p></section>`,
    { home: true, script: SCRIPT },
  )
}

/** For a code that was typed or scanned and that the hub has nothing valid for. */
export function unverifiedPage(): string {
  return page(
    '证明核验',
    `<p class="bad"><strong>没有查到有效的证明。</strong></p><p>可能是验证码输错了，也可能证明已经过期、已被持有人撤销，或者不是本平台出具的。</p>${typedCode}`,
    { home: true },
  )
}

/** Where a code is typed, for who holds paper and no camera. */
export function codePage(): string {
  return page('证明核验', `<p>输入证明上的验证码，或者用手机扫描证明上的二维码。</p>${typedCode}`, { home: true })
}

const typedCode = codeForm('/verify', '验证码（20 位，例如 XXXX-XXXX-XXXX-XXXX-XXXX）', '核验')
