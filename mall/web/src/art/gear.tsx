/** Pictures of things to wear, to carry and to switch on, 200 by 200. */
import type { Drawing } from './drawing.ts';

const headphones: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path
      d="M48 118c0-88 104-88 104 0"
      fill="none"
      stroke={dark}
      strokeWidth="12"
      strokeLinecap="round"
    />
    <path d="M36 110h26a6 6 0 0 1 6 6v40a6 6 0 0 1-6 6H50c-20 0-24-52-14-52z" fill={main} />
    <path d="M164 110h-26a6 6 0 0 0-6 6v40a6 6 0 0 0 6 6h12c20 0 24-52 14-52z" fill={main} />
    <path d="M62 112h10v48H62zM128 112h10v48h-10z" fill={accent} />
    <path
      d="M40 118c-4 14-2 28 6 38"
      fill="none"
      stroke={light}
      strokeWidth="5"
      strokeLinecap="round"
    />
  </>
);

const keyboard: Drawing = ({ main, dark, light, accent }) => (
  <g transform="rotate(-8 100 104)">
    <rect x="24" y="70" width="152" height="70" rx="12" fill={dark} />
    <rect x="24" y="64" width="152" height="70" rx="12" fill={main} />
    <path
      d="M36 76h14v12H36zM54 76h14v12H54zM72 76h14v12H72zM90 76h14v12H90zM108 76h14v12h-14zM126 76h14v12h-14zM36 93h20v12H36zM60 93h14v12H60zM78 93h14v12H78zM96 93h14v12H96zM114 93h14v12h-14zM132 93h14v12h-14zM60 110h74v12H60z"
      fill={light}
    />
    <path d="M146 76h18v12h-18zM36 110h18v12H36zM150 93h14v29h-14z" fill={accent} />
  </g>
);

const speaker: Drawing = ({ main, dark, light, accent }) => (
  <>
    <rect x="56" y="36" width="88" height="130" rx="20" fill={main} />
    <rect x="56" y="36" width="24" height="130" rx="12" fill={light} opacity=".5" />
    <circle cx="100" cy="118" r="32" fill={dark} />
    <circle cx="100" cy="118" r="17" fill={accent} />
    <circle cx="100" cy="66" r="14" fill={dark} />
    <circle cx="100" cy="66" r="6" fill={light} />
  </>
);

const camera: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M76 64l10-18h34l10 18z" fill={dark} />
    <rect x="34" y="62" width="132" height="92" rx="16" fill={main} />
    <path d="M34 84h132v40H34z" fill={dark} opacity=".5" />
    <circle cx="104" cy="108" r="36" fill={light} />
    <circle cx="104" cy="108" r="27" fill={dark} />
    <circle cx="104" cy="108" r="14" fill={accent} />
    <circle cx="98" cy="101" r="5" fill="#fff" />
    <rect x="46" y="70" width="20" height="10" rx="4" fill={light} />
  </>
);

const watch: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M78 26h44l6 44H72zM78 174h44l6-44H72z" fill={main} />
    <circle cx="100" cy="100" r="48" fill={dark} />
    <circle cx="100" cy="100" r="39" fill="#fbf8f1" />
    <path d="M100 100V74M100 100l18 12" stroke={dark} strokeWidth="5" strokeLinecap="round" />
    <path d="M100 66v6M100 128v6M66 100h6M128 100h6" stroke={light} strokeWidth="4" />
    <circle cx="100" cy="100" r="5" fill={accent} />
    <rect x="146" y="94" width="9" height="12" rx="3" fill={accent} />
  </>
);

const phone: Drawing = ({ main, dark, light, accent }) => (
  <g transform="rotate(8 100 100)">
    <rect x="62" y="28" width="76" height="144" rx="16" fill={dark} />
    <rect x="68" y="36" width="64" height="128" rx="10" fill={main} />
    <path d="M68 120c20-30 44 10 64-24v58a10 10 0 0 1-10 10H78a10 10 0 0 1-10-10z" fill={light} />
    <circle cx="112" cy="66" r="11" fill={accent} />
    <rect x="90" y="41" width="20" height="5" rx="2.5" fill={dark} />
  </g>
);

const laptop: Drawing = ({ main, dark, light, accent }) => (
  <>
    <rect x="46" y="46" width="108" height="78" rx="8" fill={dark} />
    <rect x="53" y="53" width="94" height="64" rx="3" fill={main} />
    <path d="M53 100c24-28 50 4 94-30v44a3 3 0 0 1-3 3H56a3 3 0 0 1-3-3z" fill={light} />
    <circle cx="74" cy="70" r="8" fill={accent} />
    <path d="M28 128h144l-8 14a6 6 0 0 1-5 3H41a6 6 0 0 1-5-3z" fill={light} />
    <path d="M28 128h144l-3 6H31z" fill={dark} />
  </>
);

const backpack: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M84 48c0-24 32-24 32 0" fill="none" stroke={dark} strokeWidth="8" />
    <path
      d="M52 90c0-28 20-44 48-44s48 16 48 44v66a10 10 0 0 1-10 10H62a10 10 0 0 1-10-10z"
      fill={main}
    />
    <path
      d="M52 90c0-24 14-38 34-42-8 20-10 90-6 118H62a10 10 0 0 1-10-10z"
      fill={light}
      opacity=".5"
    />
    <path d="M66 108h68v44a8 8 0 0 1-8 8H74a8 8 0 0 1-8-8z" fill={dark} />
    <path d="M66 108h68v16H66z" fill={accent} />
    <path d="M84 76h32" stroke={dark} strokeWidth="6" strokeLinecap="round" />
  </>
);

const shirt: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M76 42c8 12 40 12 48 0l38 22-14 34-18-8v74H70V90l-18 8-14-34z" fill={main} />
    <path d="M76 42 38 64l14 34 18-8v74h16c-6-40-8-84-10-122z" fill={light} opacity=".5" />
    <path d="M76 42c8 12 40 12 48 0l-6-4c-8 8-28 8-36 0z" fill={dark} />
    <circle cx="116" cy="88" r="9" fill={accent} />
  </>
);

const shoe: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M32 142V92c10 8 26 6 34-12l16-4c14 24 40 34 70 40 12 3 16 12 16 26z" fill={main} />
    <path d="M32 142V92c8 6 18 6 26-2 6 20 4 38-2 52z" fill={dark} />
    <path d="M26 140h146v10a8 8 0 0 1-8 8H34a8 8 0 0 1-8-8z" fill={light} />
    <path
      d="M84 92l-12 10M98 102l-12 10M112 110l-10 10"
      stroke="#fff"
      strokeWidth="5"
      strokeLinecap="round"
    />
    <path
      d="M128 134c2-12 10-18 22-18"
      fill="none"
      stroke={accent}
      strokeWidth="6"
      strokeLinecap="round"
    />
  </>
);

const cap: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M40 122c0-40 24-64 58-64s54 24 56 60z" fill={main} />
    <path d="M40 122c0-36 18-58 46-63-16 16-22 38-22 62z" fill={light} opacity=".6" />
    <path d="M40 122c40-12 80-12 114-4 16 4 24 14 22 20-40-14-96-12-136-4z" fill={dark} />
    <circle cx="98" cy="57" r="6" fill={accent} />
    <path d="M98 62v52" stroke={dark} strokeWidth="3" strokeOpacity=".6" />
  </>
);

const umbrella: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path
      d="M100 40v108c0 20-28 20-28 2"
      fill="none"
      stroke={dark}
      strokeWidth="7"
      strokeLinecap="round"
    />
    <path
      d="M30 106c4-44 34-66 70-66s66 22 70 66c-8-12-26-12-35 0-8-12-27-12-35 0-8-12-27-12-35 0-9-12-27-12-35 0z"
      fill={main}
    />
    <path
      d="M30 106c4-44 34-66 70-66-22 16-34 40-35 66-9-12-27-12-35 0z"
      fill={light}
      opacity=".6"
    />
    <path
      d="M100 40c22 16 34 40 35 66 9-12 27-12 35 0-4-44-34-66-70-66z"
      fill={accent}
      opacity=".55"
    />
  </>
);

const tent: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M22 152 84 52l36-8 60 108z" fill={dark} />
    <path d="M22 152 84 52l46 100z" fill={main} />
    <path d="M22 152 84 52l8 18-40 82z" fill={light} opacity=".55" />
    <path d="M68 152l18-58 24 58z" fill={accent} />
    <path d="M14 152h172v7H14z" fill="#5b8a4a" />
    <circle cx="158" cy="46" r="12" fill="#f2c45a" />
  </>
);

const bicycle: Drawing = ({ main, dark, light, accent }) => (
  <>
    <circle cx="54" cy="124" r="32" fill="none" stroke={dark} strokeWidth="7" />
    <circle cx="146" cy="124" r="32" fill="none" stroke={dark} strokeWidth="7" />
    <path
      d="M54 124 78 76h50l18 48M78 76l20 48h-44M98 124l30-48"
      fill="none"
      stroke={main}
      strokeWidth="7"
      strokeLinejoin="round"
    />
    <path
      d="M66 66h26M128 76l-6-20h18"
      fill="none"
      stroke={accent}
      strokeWidth="7"
      strokeLinecap="round"
    />
    <circle cx="98" cy="124" r="9" fill={light} />
  </>
);

const ball: Drawing = ({ main, dark, light, accent }) => (
  <>
    <circle cx="100" cy="102" r="58" fill={main} />
    <path d="M58 62c-22 26-22 58 4 84 20-28 18-58-4-84z" fill={light} opacity=".7" />
    <path d="M100 44c-14 36-14 80 0 116M42 102h116" fill="none" stroke={dark} strokeWidth="4" />
    <path d="M140 60c-20 26-20 58-2 84" fill="none" stroke={accent} strokeWidth="5" />
  </>
);

/** What has no picture of its own. */
export const BOX: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M100 40 162 70v68l-62 30-62-30V70z" fill={main} />
    <path d="M38 70l62 30v68l-62-30z" fill={dark} />
    <path d="M100 40l62 30-62 30-62-30z" fill={light} />
    <path d="M68 56l62 30v22l-14-8V92L54 62z" fill={accent} />
  </>
);

/** What one wears, carries and switches on. */
export const GEAR: Readonly<Record<string, Drawing>> = {
  headphones,
  keyboard,
  speaker,
  camera,
  watch,
  phone,
  laptop,
  backpack,
  shirt,
  shoe,
  cap,
  umbrella,
  tent,
  bicycle,
  ball,
  box: BOX,
};
