/** Pictures of things for the home and the desk, 200 by 200. */
import type { Drawing } from './drawing.ts';

const lamp: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path
      d="M92 92 66 130l34 26"
      fill="none"
      stroke={dark}
      strokeWidth="7"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
    <path d="M64 160h72v8H64z" fill={dark} />
    <circle cx="66" cy="130" r="6" fill={accent} />
    <path d="M80 96 112 38l44 40-60 26z" fill={main} />
    <path d="M80 96 112 38l12 11-34 52z" fill={light} opacity=".6" />
    <path d="M108 100l44-18c4 12-30 28-44 18z" fill="#ffe9a8" />
  </>
);

const chair: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path
      d="M62 120l-8 46M138 120l8 46M80 122l-4 40M122 122l4 40"
      stroke={dark}
      strokeWidth="7"
      strokeLinecap="round"
    />
    <path d="M60 40c0-10 80-10 80 0l-6 66H66z" fill={main} />
    <path d="M60 40c0-5 10-7 22-8l2 74H66z" fill={light} opacity=".55" />
    <path d="M52 104h96c6 0 6 18-4 20H56c-10-2-10-20-4-20z" fill={accent} />
  </>
);

const plant: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M100 116C60 112 48 84 44 58c34 2 52 24 56 58z" fill="#5b8a4a" />
    <path d="M100 116c-2-44 22-66 56-74 0 38-18 66-56 74z" fill="#7cab66" />
    <path d="M100 118C92 80 94 52 100 30c12 24 14 52 0 88z" fill="#3f6e36" />
    <path d="M66 114h68l-8 46a8 8 0 0 1-8 6H82a8 8 0 0 1-8-6z" fill={main} />
    <path d="M66 114h18l4 52h-6a8 8 0 0 1-8-6z" fill={light} opacity=".6" />
    <path d="M60 108h80v14H60z" fill={dark} />
    <path d="M78 140h46" stroke={accent} strokeWidth="5" />
  </>
);

const candle: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M100 34c12 14 10 26 0 30-10-4-12-16 0-30z" fill="#f2b441" />
    <path d="M100 64v14" stroke={dark} strokeWidth="4" />
    <path d="M62 80h76v70c0 8-16 14-38 14s-38-6-38-14z" fill={main} />
    <path d="M62 80h18v82c-12-3-18-7-18-12z" fill={light} opacity=".6" />
    <ellipse cx="100" cy="80" rx="38" ry="11" fill={light} />
    <path d="M80 112h40v30H80z" fill="#fff" opacity=".9" />
    <path d="M90 127h20" stroke={accent} strokeWidth="5" strokeLinecap="round" />
  </>
);

const vase: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path
      d="M98 70C90 50 74 42 66 30M104 70c2-24 14-34 30-40M100 70V26"
      fill="none"
      stroke="#5b8a4a"
      strokeWidth="4"
      strokeLinecap="round"
    />
    <circle cx="64" cy="30" r="10" fill={accent} />
    <circle cx="136" cy="30" r="12" fill={accent} />
    <circle cx="100" cy="24" r="9" fill={light} />
    <path
      d="M82 66h36c-4 22 26 30 26 58 0 26-16 42-44 42s-44-16-44-42c0-28 30-36 26-58z"
      fill={main}
    />
    <path d="M74 98c-16 22-14 48 4 62-26-14-28-44-4-62z" fill={light} opacity=".7" />
    <ellipse cx="100" cy="66" rx="18" ry="5" fill={dark} />
  </>
);

const blanket: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M42 70c0-10 8-16 18-16h80c10 0 18 6 18 16v74H42z" fill={main} />
    <path d="M42 92h116v14H42zM42 120h116v8H42z" fill={light} />
    <path d="M42 70c0-10 8-16 18-16 12 0 18 8 18 18v72H42z" fill={dark} opacity=".35" />
    <path
      d="M46 144v14M58 144v14M70 144v14M82 144v14M94 144v14M106 144v14M118 144v14M130 144v14M142 144v14M154 144v14"
      stroke={accent}
      strokeWidth="4"
      strokeLinecap="round"
    />
  </>
);

const notebook: Drawing = ({ main, dark, light, accent }) => (
  <g transform="rotate(-6 100 100)">
    <path d="M66 38h78a8 8 0 0 1 8 8v110a8 8 0 0 1-8 8H66z" fill={main} />
    <path d="M54 38h18v126H54a6 6 0 0 1-6-6V44a6 6 0 0 1 6-6z" fill={dark} />
    <path d="M134 38h8v126h-8z" fill={accent} />
    <path d="M84 70h38v22H84z" fill={light} />
    <path d="M90 81h26" stroke={dark} strokeWidth="3" strokeLinecap="round" />
  </g>
);

const pen: Drawing = ({ main, dark, light, accent }) => (
  <g transform="rotate(42 100 100)">
    <path d="M88 26h24v20H88z" fill={accent} />
    <path d="M88 46h24v86H88z" fill={main} />
    <path d="M88 46h8v86h-8z" fill={light} />
    <path d="M88 132h24l-8 30h-8z" fill={dark} />
    <path d="M97 162h6l-3 12z" fill={accent} />
    <path d="M112 34h7v46h-7z" fill={dark} />
  </g>
);

const book: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M40 132h112v22H48c-10 0-10-22 0-22" fill={accent} />
    <path d="M50 138h100v10H50z" fill="#fff" opacity=".85" />
    <path d="M52 104h108v22H60c-10 0-10-22-8-22" fill={main} />
    <path d="M60 110h98v10H60z" fill="#fff" opacity=".85" />
    <path d="M58 46 136 34l8 58-78 12c-8 0-14-50-8-58z" fill={dark} />
    <path d="M66 50 128 40l6 42-62 10z" fill={light} />
    <path d="M80 60l36-6M82 70l24-4" stroke={dark} strokeWidth="4" strokeLinecap="round" />
  </>
);

const soap: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path
      d="M44 112c0-14 10-22 24-22h64c14 0 24 8 24 22v20c0 14-10 22-24 22H68c-14 0-24-8-24-22z"
      fill={main}
    />
    <path
      d="M44 110c0-12 10-20 24-20h64c14 0 24 8 24 20s-10 20-24 20H68c-14 0-24-8-24-20z"
      fill={light}
    />
    <path d="M80 110c8-8 32-8 40 0-8 8-32 8-40 0z" fill={dark} opacity=".5" />
    <circle cx="70" cy="68" r="12" fill={accent} opacity=".5" />
    <circle cx="96" cy="52" r="8" fill={accent} opacity=".4" />
    <circle cx="122" cy="66" r="10" fill={accent} opacity=".45" />
  </>
);

const cushion: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path
      d="M48 54c34 10 70 10 104 0-8 32-8 60 0 94-34-10-70-10-104 0 8-34 8-62 0-94z"
      fill={main}
    />
    <path
      d="M48 54c14 4 28 6 42 7-6 26-8 54-4 80-13 1-26 3-38 7 8-34 8-62 0-94z"
      fill={light}
      opacity=".5"
    />
    <path d="M74 102 100 76l26 26-26 26z" fill={accent} />
    <path d="M88 102l12-12 12 12-12 12z" fill={dark} />
  </>
);

const clock: Drawing = ({ main, dark, light, accent }) => (
  <>
    <path d="M66 158l-12 12M134 158l12 12" stroke={dark} strokeWidth="9" strokeLinecap="round" />
    <path d="M46 66a24 24 0 0 1 36-28zM154 66a24 24 0 0 0-36-28z" fill={accent} />
    <circle cx="100" cy="108" r="60" fill={main} />
    <circle cx="100" cy="108" r="48" fill="#fbf8f1" />
    <path d="M100 70v8M100 138v8M62 108h8M130 108h8" stroke={light} strokeWidth="5" />
    <path d="M100 108V82M100 108l20 12" stroke={dark} strokeWidth="6" strokeLinecap="round" />
    <circle cx="100" cy="108" r="5" fill={accent} />
  </>
);

/** What is for the home and the desk. */
export const HOME: Readonly<Record<string, Drawing>> = {
  lamp,
  clock,
  chair,
  plant,
  candle,
  vase,
  blanket,
  notebook,
  pen,
  book,
  soap,
  cushion,
};
