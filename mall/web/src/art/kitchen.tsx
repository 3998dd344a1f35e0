/** Pictures of things for the table and the kitchen, 200 by 200. */
import type { Drawing } from './drawing.ts';

const mug: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M128 84h16a22 22 0 0 1 0 46h-18" fill="none" stroke={dark} strokeWidth="11" />
    <path d="M58 66h76v66a22 22 0 0 1-22 22H80a22 22 0 0 1-22-22z" fill={main} />
    <path d="M58 66h20v88a22 22 0 0 1-20-22z" fill={light} opacity=".55" />
    <ellipse cx="96" cy="66" rx="38" ry="9" fill={dark} />
    <path d="M58 108h76v14H58z" fill={accent} opacity=".9" />
    <path
      d="M84 52c-6-8 6-10 0-20M104 52c-6-8 6-10 0-20"
      fill="none"
      stroke={dark}
      strokeOpacity=".35"
      strokeWidth="4"
      strokeLinecap="round"
    />
  </>
);

const teapot: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M138 92c24-10 34 2 30 20s-20 24-34 22" fill="none" stroke={dark} strokeWidth="9" />
    <path d="M60 112c-14-2-22-16-28-32l12-4c6 10 12 18 22 20z" fill={main} />
    <ellipse cx="100" cy="118" rx="48" ry="40" fill={main} />
    <path d="M62 96c-8 22-2 44 14 56-26-8-32-38-14-56z" fill={light} opacity=".7" />
    <path d="M70 86c6-16 54-16 60 0z" fill={dark} />
    <circle cx="100" cy="68" r="8" fill={accent} />
    <path d="M72 156h56l6 6H66z" fill={dark} />
  </>
);

const kettle: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path
      d="M66 74c0-50 68-50 68 0"
      fill="none"
      stroke={dark}
      strokeWidth="9"
      strokeLinecap="round"
    />
    <path d="M62 76h76l14 78H48z" fill={main} />
    <path d="M62 76h18l-10 78H48z" fill={light} opacity=".6" />
    <path d="M140 90l26-16 4 8-24 30z" fill={dark} />
    <ellipse cx="100" cy="76" rx="38" ry="8" fill={dark} />
    <circle cx="100" cy="66" r="7" fill={accent} />
  </>
);

const bowl: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M40 94h120c0 36-24 60-60 60s-60-24-60-60z" fill={main} />
    <path d="M40 94h22c2 30 12 48 28 59-30-4-50-27-50-59z" fill={light} opacity=".6" />
    <ellipse cx="100" cy="94" rx="60" ry="15" fill={dark} />
    <ellipse cx="100" cy="95" rx="50" ry="10" fill={accent} opacity=".9" />
    <path d="M116 90 168 40M124 92 178 50" stroke={dark} strokeWidth="5" strokeLinecap="round" />
    <path d="M78 154h44v6H78z" fill={dark} />
  </>
);

const pan: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M130 104l52-26 6 12-52 28z" fill={accent} />
    <ellipse cx="88" cy="112" rx="56" ry="44" fill={dark} />
    <ellipse cx="88" cy="106" rx="56" ry="42" fill={main} />
    <ellipse cx="88" cy="106" rx="43" ry="31" fill={dark} />
    <path
      d="M62 96c10-12 30-14 42-8"
      fill="none"
      stroke={light}
      strokeWidth="4"
      strokeLinecap="round"
    />
  </>
);

const knife: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M40 152 120 60c14-10 28-16 40-18-4 22-18 42-38 60l-58 62z" fill={light} />
    <path d="M120 60c14-10 28-16 40-18-4 22-18 42-38 60z" fill="#fff" opacity=".5" />
    <path d="M34 148l14-14 26 24-16 16c-6 6-30-20-24-26z" fill={main} />
    <circle cx="48" cy="154" r="3" fill={accent} />
    <circle cx="60" cy="152" r="3" fill={dark} />
  </>
);

const bottle: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M84 34h32v18H84z" fill={dark} />
    <path
      d="M86 52h28c0 14 18 18 18 38v60a14 14 0 0 1-14 14H82a14 14 0 0 1-14-14V90c0-20 18-24 18-38z"
      fill={main}
    />
    <path d="M76 82c-4 6-4 12-4 20v50c0 6 4 10 8 11V82z" fill={light} opacity=".75" />
    <path d="M68 106h64v30H68z" fill={accent} />
    <path d="M84 121h32" stroke="#fff" strokeWidth="4" strokeLinecap="round" />
  </>
);

const tin: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M58 70h84v78c0 8-18 14-42 14s-42-6-42-14z" fill={main} />
    <path d="M58 70h18v90c-12-3-18-7-18-12z" fill={light} opacity=".6" />
    <ellipse cx="100" cy="70" rx="42" ry="13" fill={dark} />
    <path d="M58 52h84v18c0 8-18 13-42 13s-42-5-42-13z" fill={dark} />
    <ellipse cx="100" cy="52" rx="42" ry="13" fill={light} />
    <path d="M76 124c0-18 20-30 46-28-2 24-22 36-40 34" fill={accent} />
    <path
      d="M78 134c8-14 20-24 36-32"
      fill="none"
      stroke="#fff"
      strokeWidth="3"
      strokeLinecap="round"
    />
  </>
);

const bag: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M62 62h76l8 96a6 6 0 0 1-6 6H60a6 6 0 0 1-6-6z" fill={main} />
    <path d="M62 62h20l-6 102H60a6 6 0 0 1-6-6z" fill={light} opacity=".55" />
    <path d="M62 62l6-22h64l6 22z" fill={dark} />
    <circle cx="104" cy="112" r="26" fill="#fff" opacity=".88" />
    <ellipse cx="98" cy="112" rx="9" ry="14" fill={accent} transform="rotate(-24 98 112)" />
    <ellipse cx="112" cy="112" rx="9" ry="14" fill={dark} transform="rotate(24 112 112)" />
  </>
);

const jar: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path
      d="M66 64h68c14 12 14 24 14 36v42a20 20 0 0 1-20 20H72a20 20 0 0 1-20-20v-42c0-12 0-24 14-36z"
      fill={light}
    />
    <path d="M52 100c24 8 72-8 96 2v40a20 20 0 0 1-20 20H72a20 20 0 0 1-20-20z" fill={accent} />
    <path d="M62 44h76v20H62z" fill={dark} />
    <path d="M74 112h52v30H74z" fill="#fff" opacity=".9" />
    <path d="M84 122h32M84 132h20" stroke={main} strokeWidth="4" strokeLinecap="round" />
  </>
);

const chocolate: Drawing = ({ main, dark, light, accent }) => (
  <g transform="rotate(-10 100 100)">
    <path d="M58 36h84v70H58z" fill={dark} />
    <path
      d="M64 42h22v26H64zM90 42h22v26H90zM116 42h20v26h-20zM64 72h22v26H64zM90 72h22v26H90zM116 72h20v26h-20z"
      fill={main}
    />
    <path d="M54 88l92-4v78H54z" fill={accent} />
    <path d="M54 88l92-4v14l-92 6z" fill={light} />
    <path d="M72 128h56M82 142h36" stroke="#fff" strokeWidth="5" strokeLinecap="round" />
  </g>
);

/** What is for the table and the kitchen. */
export const KITCHEN: Readonly<Record<string, Drawing>> = {
  mug,
  teapot,
  kettle,
  bowl,
  pan,
  knife,
  bottle,
  tin,
  bag,
  jar,
  chocolate,
};
