import type { DialectDeclaration, RawReply, SignedRequest, Signer } from '../../core/upstream/dialect.ts'

/** What went over the wire last. */
export interface Heard {
  request: SignedRequest | null
  reply: RawReply | null
  /** The answer as it was opened, where the agency seals its answers. */
  opened: RawReply | null
}

/** The same signer, whose last request and answer can be looked at afterwards. */
export function overhearing(dialect: DialectDeclaration, heard: Heard): DialectDeclaration {
  return {
    ...dialect,
    createSigner(context) {
      const signer = dialect.createSigner(context)
      const { open } = signer
      const own: Signer = {
        ...signer,
        async sign(outgoing) {
          heard.request = await signer.sign(outgoing)
          return heard.request
        },
        refused(reply) {
          heard.reply = reply
          return signer.refused(reply)
        },
      }
      if (open) own.open = (reply, request) => (heard.opened = open(reply, request))
      return own
    },
  }
}
