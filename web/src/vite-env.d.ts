/** Where the emoji picker's data lies, without a closing slash: `${__EMOJI_DATA_URL__}/en/data.json`. */
declare const __EMOJI_DATA_URL__: string;
