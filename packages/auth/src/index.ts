export { registerAccessHandlers } from './admin/register-access.ts';
export {
  type AccessDeps,
  type AccessOptions,
  type FirstUser,
  type OpenAccess,
  openAccess,
} from './open-access.ts';
export { plainAdmin } from './plain/acl-file.ts';
