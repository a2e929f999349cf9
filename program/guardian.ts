import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * What outlives the bench if that is killed (SIGKILL, or the kernel where memory runs out): it reads what there is to clean up,
 * and when its standard input ends, which the kernel sees to, it ends the groups of processes that are left, and removes the folders.
 * A group gets SIGTERM, and two seconds.
 */
const script = `
groups=
folders=
without() { for each in $1; do [ "$each" = "$2" ] || printf ' %s' "$each"; done; }
while read -r order value; do
  case $order in
    watch) groups="$groups $value" ;;
    forget) groups=$(without "$groups" "$value") ;;
    folder) folders="$folders
$value" ;;
  esac
done
signal() { for each in $groups; do kill -s "$1" -- "-$each"; done 2>/dev/null; }
if [ -n "$groups" ]; then
  signal TERM
  sleep 2
  signal KILL
fi
printf '%s\\n' "$folders" | while read -r folder; do
  if [ -n "$folder" ]; then rm -rf -- "$folder"; fi
done
`;

let guardian: ChildProcess | undefined;

/** Has a group of processes ended if this process dies before it says {@link forgetGroup}. */
export function watchGroup(group: number): void {
  tell(`watch ${group}`);
}

/** Says that a group of processes has ended: its number may be another's soon. */
export function forgetGroup(group: number): void {
  tell(`forget ${group}`);
}

/** Has a folder removed when this process has ended, however that happens. */
export function removeAtEnd(folder: string): void {
  tell(`folder ${folder}`);
}

function tell(order: string): void {
  guardian ??= startGuardian();
  guardian.stdin?.write(`${order}\n`);
}

function startGuardian(): ChildProcess {
  // In a session of its own, so that what ends the bench's group or terminal does not end it too.
  const child = spawn('/bin/sh', ['-c', script], {
    detached: true,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell, or when somebody has ended it, the bench goes on without.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  (child.stdin as unknown as Socket).unref();
  return child;
}
