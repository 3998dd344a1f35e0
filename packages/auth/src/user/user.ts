export const USER_TYPES = ['Super', 'Normal'] as const;
export const USER_STATUSES = ['enable', 'disable'] as const;

export type UserType = (typeof USER_TYPES)[number];
type UserStatus = (typeof USER_STATUSES)[number];

/** Who may sign requests. A super user may do everything. */
export interface User {
  readonly username: string;
  /** The secret of the signature: it is needed as it is, so it is kept as it is. */
  readonly password: string;
  readonly userType: UserType;
  readonly userStatus: UserStatus;
}

/** The subject of a user's policies. */
export function subjectOf(username: string): string {
  return `User:${username}`;
}
