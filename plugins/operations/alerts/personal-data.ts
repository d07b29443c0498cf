import type { PersonalData } from '../../store/personal-data.ts'

const ACT = 'the act of an administrator, as part of its history'

export const personalData: PersonalData = {
  sealed: [],
  users: [
    { table: 'alerts', column: 'acknowledged_by', kept: ACT },
    { table: 'alert_events', column: 'acted_by', kept: ACT },
    { table: 'alert_silences', column: 'created_by', kept: ACT },
    { table: 'alert_silences', column: 'ended_by', kept: ACT },
  ],
}
