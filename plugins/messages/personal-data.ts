import { deleteRows, type PersonalData, sealedColumn } from '../store/personal-data.ts'

export const personalData: PersonalData = {
  sealed: [
    sealedColumn('messages', 'content_sealed'),
    sealedColumn('message_settings', 'email_sealed', { key: 'user_id' }),
    sealedColumn('subscriptions', 'choice_sealed'),
    sealedColumn('subscriptions', 'known_sealed'),
  ],
  users: ['notices', 'messages', 'message_deliveries', 'message_settings', 'subscriptions'].map((table) => ({ table, column: 'user_id' })),
  async erase(erasure) {
    const { transaction, userId } = erasure
    const of = (id: string) => transaction('messages').where({ user_id: id })
    // An enterprise may still be told that its agent has left; the mandate knows who that was.
    await transaction('notices').where({ user_id: userId, topic: 'mandate' }).update({ user_id: null })
    await transaction('message_deliveries').whereIn('message_id', of(userId).select('id')).delete()
    await deleteRows(erasure, ['notices', 'message_deliveries', 'messages', 'message_settings', 'subscriptions'])
  },
}
