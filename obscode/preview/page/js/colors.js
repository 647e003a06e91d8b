// Colours: Grafana's names in the light and the dark theme, palettes, colour arithmetic, continuous schemes.

// The shades of a hue, from super-light to dark. The light theme uses those one step darker.
const HUES = {
  dark: {
    red: ["FFA6B0", "FF7383", "F2495C", "E02F44", "C4162A"],
    orange: ["FFCB7D", "FFB357", "FF9830", "FF780A", "FA6400"],
    yellow: ["FFF899", "FFEE52", "FADE2A", "F2CC0C", "E0B400"],
    green: ["C8F2C2", "96D98D", "73BF69", "56A64B", "37872D"],
    blue: ["C0D8FF", "8AB8FF", "5794F2", "3274D9", "1F60C4"],
    purple: ["DEB6F2", "CA95E5", "B877D9", "A352CC", "8F3BB8"],
  },
  light: {
    red: ["FF7383", "F2495C", "E02F44", "C4162A", "AD0317"],
    orange: ["FFB357", "FF9830", "FF780A", "FA6400", "E55400"],
    yellow: ["FFEE52", "FADE2A", "F2CC0C", "E0B400", "CC9D00"],
    green: ["96D98D", "73BF69", "56A64B", "37872D", "19730E"],
    blue: ["8AB8FF", "5794F2", "3274D9", "1F60C4", "1250B0"],
    purple: ["CA95E5", "B877D9", "A352CC", "8F3BB8", "7C2EA3"],
  },
};
const SHADES = ["super-light-", "light-", "", "semi-dark-", "dark-"];

const CLASSIC_PALETTE = ("green semi-dark-yellow blue orange red purple dark-green dark-yellow dark-blue dark-orange " +
  "dark-red dark-purple super-light-green super-light-yellow super-light-blue super-light-orange super-light-red " +
  "super-light-purple #447EBC #C15C17 #890F02 #0A437C #6D1F62 #584477 #B7DBAB #F4D598 #70DBED #F9BA8F #F29191 #82B5D8 " +
  "#E5A8E2 #AEA2E0 #629E51 #E5AC0E #64B0C8 #E0752D #BF1B00 #0A50A1 #962D82 #614D93 #9AC48A #F2C96D #65C5DB #F9934E " +
  "#EA6460 #5195CE #D683CE #806EB7 #3F6833 #967302 #2F575E #99440A #58140C #052B51 #511749 #3F2B5B #E0F9D7 #FCEACA " +
  "#CFFAFF #F9E2D2 #FCE2DE #BADFF4 #F9D9F9 #DEDAF7").split(" ");
const COLOR_BLIND_PALETTE = "#0072B2 #E69F00 #009E73 #CC79A7 #56B4E9 #D55E00 #F0E442 #000000 #FFFFFF".split(" ");

const CSS_COLORS = new Map((
  "aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc bisque ffe4c4 " +
  "black 000000 blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2 brown a52a2a burlywood deb887 " +
  "cadetblue 5f9ea0 chartreuse 7fff00 chocolate d2691e coral ff7f50 cornflowerblue 6495ed cornsilk fff8dc " +
  "crimson dc143c cyan 00ffff darkblue 00008b darkcyan 008b8b darkgoldenrod b8860b darkgray a9a9a9 " +
  "darkgreen 006400 darkkhaki bdb76b darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00 " +
  "darkorchid 9932cc darkred 8b0000 darksalmon e9967a darkseagreen 8fbc8f darkslateblue 483d8b " +
  "darkslategray 2f4f4f darkturquoise 00ced1 darkviolet 9400d3 deeppink ff1493 deepskyblue 00bfff dimgray 696969 " +
  "dodgerblue 1e90ff firebrick b22222 floralwhite fffaf0 forestgreen 228b22 fuchsia ff00ff gainsboro dcdcdc " +
  "ghostwhite f8f8ff gold ffd700 goldenrod daa520 gray 808080 green 008000 greenyellow adff2f honeydew f0fff0 " +
  "hotpink ff69b4 indianred  cd5c5c indigo 4b0082 ivory fffff0 khaki f0e68c lavender e6e6fa lavenderblush fff0f5 " +
  "lawngreen 7cfc00 lemonchiffon fffacd lightblue add8e6 lightcoral f08080 lightcyan e0ffff " +
  "lightgoldenrodyellow fafad2 lightgrey d3d3d3 lightgreen 90ee90 lightpink ffb6c1 lightsalmon ffa07a " +
  "lightseagreen 20b2aa lightskyblue 87cefa lightslategray 778899 lightsteelblue b0c4de lightyellow ffffe0 " +
  "lime 00ff00 limegreen 32cd32 linen faf0e6 magenta ff00ff maroon 800000 mediumaquamarine 66cdaa " +
  "mediumblue 0000cd mediumorchid ba55d3 mediumpurple 9370d8 mediumseagreen 3cb371 mediumslateblue 7b68ee " +
  "mediumspringgreen 00fa9a mediumturquoise 48d1cc mediumvioletred c71585 midnightblue 191970 mintcream f5fffa " +
  "mistyrose ffe4e1 moccasin ffe4b5 navajowhite ffdead navy 000080 oldlace fdf5e6 olive 808000 olivedrab 6b8e23 " +
  "orange ffa500 orangered ff4500 orchid da70d6 palegoldenrod eee8aa palegreen 98fb98 paleturquoise afeeee " +
  "palevioletred d87093 papayawhip ffefd5 peachpuff ffdab9 peru cd853f pink ffc0cb plum dda0dd powderblue b0e0e6 " +
  "purple 800080 rebeccapurple 663399 red ff0000 rosybrown bc8f8f royalblue 4169e1 saddlebrown 8b4513 " +
  "salmon fa8072 sandybrown f4a460 seagreen 2e8b57 seashell fff5ee sienna a0522d silver c0c0c0 skyblue 87ceeb " +
  "slateblue 6a5acd slategray 708090 snow fffafa springgreen 00ff7f steelblue 4682b4 tan d2b48c teal 008080 " +
  "thistle d8bfd8 tomato ff6347 turquoise 40e0d0 violet ee82ee wheat f5deb3 white ffffff whitesmoke f5f5f5 " +
  "yellow ffff00 yellowgreen 9acd32"
).split(" ").reduce((pairs, word, index, words) => (index % 2 ? [...pairs, [words[index - 1], `#${word}`]] : pairs), []));

const FALLBACK_COLOR = "#808080";

const THEMES = {
  dark: { name: "dark", isDark: true, background: "#181b1f", canvas: "#111217", text: "#ccccdc", grid: "rgba(240, 250, 255, 0.09)",
    transparent: "rgba(0,0,0,0)", weakText: "rgba(204, 204, 220, 0.65)" },
  light: { name: "light", isDark: false, background: "#ffffff", canvas: "#fbfbfb", text: "#24292e", grid: "rgba(0, 10, 23, 0.09)",
    transparent: "rgba(255, 255, 255, 0)", weakText: "rgba(36, 41, 46, 0.75)" },
};
for (const theme of Object.values(THEMES)) {
  theme.colors = new Map([["transparent", theme.transparent], ["panel-bg", theme.background], ["text", theme.text]]);
  for (const [hue, shades] of Object.entries(HUES[theme.name])) {
    shades.forEach((shade, index) => theme.colors.set(SHADES[index] + hue, `#${shade}`));
  }
}

let theme = THEMES.dark;

function colorByName(name) {
  if (!name) return FALLBACK_COLOR;
  return theme.colors.get(name) ?? CSS_COLORS.get(String(name).toLowerCase()) ?? String(name);
}

// --- arithmetic ---

// [red, green, blue, opacity] of any colour that a dashboard can have; grey if it cannot be read.
function rgba(color) {
  const text = colorByName(color).trim();
  if (text[0] === "#") {
    const digits = text.length <= 5 ? [...text.slice(1)].map((digit) => digit + digit).join("") : text.slice(1);
    const channels = [0, 2, 4, 6].map((at) => parseInt(digits.slice(at, at + 2) || "ff", 16));
    if (channels.every((channel) => channel >= 0)) return [channels[0], channels[1], channels[2], channels[3] / 255];
  }
  const numbers = (text.match(/-?[\d.]+%?/g) ?? []).map((number) => (number.endsWith("%") ? parseFloat(number) / 100 : Number(number)));
  if (/^rgba?\(/.test(text) && numbers.length >= 3) return [numbers[0], numbers[1], numbers[2], numbers[3] ?? 1];
  if (/^hsla?\(/.test(text) && numbers.length >= 3) return [...hslToRgb(numbers[0], numbers[1], numbers[2]), numbers[3] ?? 1];
  return [128, 128, 128, 1];
}

function colorText([red, green, blue, opacity]) {
  const channels = [red, green, blue].map((channel) => clamp(Math.round(channel), 0, 255));
  if (opacity >= 1) return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
  return `rgba(${channels.join(", ")}, ${Math.round(opacity * 1000) / 1000})`;
}

function withOpacity(color, opacity) {
  const [red, green, blue] = rgba(color);
  return colorText([red, green, blue, opacity]);
}

function hslToRgb(hue, saturation, lightness) {
  const chroma = saturation * Math.min(lightness, 1 - lightness);
  return [0, 8, 4].map((offset) => {
    const position = (offset + hue / 30) % 12;
    return 255 * (lightness - chroma * Math.max(-1, Math.min(position - 3, 9 - position, 1)));
  });
}

function rgbToHsl([red, green, blue]) {
  const [r, g, b] = [red / 255, green / 255, blue / 255];
  const high = Math.max(r, g, b);
  const low = Math.min(r, g, b);
  const lightness = (high + low) / 2;
  const range = high - low;
  if (range === 0) return [0, 0, lightness];
  const saturation = lightness > 0.5 ? range / (2 - high - low) : range / (high + low);
  const hue = high === r ? (g - b) / range + (g < b ? 6 : 0) : high === g ? (b - r) / range + 2 : (r - g) / range + 4;
  return [hue * 60, saturation, lightness];
}

// Lightness less by a percentage, and the hue turned by degrees.
function darkerColor(color, percent, degrees = 0) {
  const channels = rgba(color);
  const [hue, saturation, lightness] = rgbToHsl(channels);
  return colorText([...hslToRgb((hue + degrees + 360) % 360, saturation, clamp(lightness - percent / 100, 0, 1)), channels[3]]);
}

function brighterColor(color, percent) {
  const channels = rgba(color);
  return colorText([...channels.slice(0, 3).map((channel) => clamp(channel + (255 * percent) / 100, 0, 255)), channels[3]]);
}

function mixedColor(from, to, share) {
  const [a, b] = [rgba(from), rgba(to)];
  return colorText(a.map((channel, index) => channel + (b[index] - channel) * share));
}

// Relative luminance of WCAG, 0 to 1.
function luminance(color) {
  const [red, green, blue] = rgba(color).slice(0, 3).map((channel) => {
    const share = channel / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// Black or white, whichever is easier to read on a colour.
function textColorOn(color) {
  const [red, green, blue, opacity] = rgba(color);
  const base = rgba(theme.background);
  const solid = colorText([red, green, blue].map((channel, i) => channel * opacity + base[i] * (1 - opacity)).concat(1));
  return luminance(solid) > 0.3 ? "#16181b" : "#ffffff";
}

// --- schemes ---

const CONTINUOUS_MODES = {
  "continuous-GrYlRd": ["green", "yellow", "red"],
  "continuous-RdYlGr": ["red", "yellow", "green"],
  "continuous-BlYlRd": ["dark-blue", "super-light-yellow", "dark-red"],
  "continuous-YlRd": ["super-light-yellow", "dark-red"],
  "continuous-BlPu": ["blue", "purple"],
  "continuous-YlBl": ["super-light-yellow", "dark-blue"],
  "continuous-blues": ["panel-bg", "dark-blue"],
  "continuous-reds": ["panel-bg", "dark-red"],
  "continuous-greens": ["panel-bg", "dark-green"],
  "continuous-purples": ["panel-bg", "dark-purple"],
};

// The colours of a continuous mode, or nothing if the mode is not continuous.
function continuousColors(mode) {
  if (CONTINUOUS_MODES[mode]) return CONTINUOUS_MODES[mode].map(colorByName);
  const sampled = /^continuous-(viridis|magma|plasma|inferno|cividis)$/i.exec(mode ?? "");
  if (!sampled) return null;
  return Array.from({ length: 9 }, (_, index) => schemeColor(sampled[1][0].toUpperCase() + sampled[1].slice(1).toLowerCase(), index / 8));
}

// A uniform B-spline through colours, at a share of 0 to 1 (d3's interpolateRgbBasis).
function splineColor(colors, share) {
  const stops = colors.map(rgba);
  const last = stops.length - 1;
  const at = clamp(share, 0, 1);
  const index = at >= 1 ? last - 1 : Math.floor(at * last);
  const t = at * last - index;
  const channel = (position) => {
    const v1 = stops[index][position];
    const v2 = stops[index + 1][position];
    const v0 = index > 0 ? stops[index - 1][position] : 2 * v1 - v2;
    const v3 = index < last - 1 ? stops[index + 2][position] : 2 * v2 - v1;
    return ((1 - 3 * t + 3 * t * t - t ** 3) * v0 + (4 - 6 * t * t + 3 * t ** 3) * v1 +
      (1 + 3 * t + 3 * t * t - 3 * t ** 3) * v2 + t ** 3 * v3) / 6;
  };
  return colorText([channel(0), channel(1), channel(2), 1]);
}

// A colour of a named scheme of d3-scale-chromatic.
function schemeColor(name, share) {
  if (Object.hasOwn(SPLINE_SCHEMES, name)) {
    return splineColor(SPLINE_SCHEMES[name].split(" ").map((stop) => `#${stop}`), share);
  }
  const stops = (SAMPLED_SCHEMES[name] ?? SAMPLED_SCHEMES.Turbo).split(" ");
  const position = clamp(share, 0, 1) * (stops.length - 1);
  const index = Math.min(Math.floor(position), stops.length - 2);
  return mixedColor(`#${stops[index]}`, `#${stops[index + 1]}`, position - index);
}

// --- colour modes of a field ---

const SHADES_OF_A_COLOR = 6;

// The colour of a series that does not depend on a value.
function seriesPaletteColor(mode, fixedColor, index, name) {
  if (mode === "fixed" || mode === "gradient") return colorByName(fixedColor);
  if (mode === "shades") {
    const position = index % (2 * SHADES_OF_A_COLOR - 1);
    const step = Math.ceil(position / 2) / SHADES_OF_A_COLOR;
    if (position === 0) return colorByName(fixedColor);
    return position % 2 ? brighterColor(darkerColor(fixedColor, 0, step * 10), step * 35) : darkerColor(fixedColor, step * 35, -step * 10);
  }
  if (mode === "palette-classic-by-name") {
    const readable = readablePalette(CLASSIC_PALETTE);
    return readable[Math.abs(stringHash(name)) % readable.length];
  }
  const palette = mode === "palette-colorblind" ? readablePalette(COLOR_BLIND_PALETTE) : CLASSIC_PALETTE;
  return colorByName(palette[index % palette.length]);
}

// Colours whose contrast with the panel is at least 3.
function readablePalette(palette) {
  const contrast = (color) => {
    const [low, high] = [luminance(color), luminance(theme.background)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  return palette.map(colorByName).filter((color) => contrast(color) >= 3);
}

// The hash of the npm package string-hash, which Grafana chooses colours by.
function stringHash(text) {
  let hash = 5381;
  for (let index = text.length - 1; index >= 0; index -= 1) hash = (hash * 33) ^ text.charCodeAt(index);
  return hash >>> 0;
}
