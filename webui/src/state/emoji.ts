// Emoji by the names that people know from elsewhere. Few enough to be part of the page. Pure.

const TABLE =
  'smile 😄|grin 😁|joy 😂|rofl 🤣|smiley 😃|sweat_smile 😅|laughing 😆|wink 😉|blush 😊|yum 😋|sunglasses 😎|heart_eyes 😍|kissing_heart 😘|' +
  'slightly_smiling 🙂|upside_down 🙃|hugs 🤗|star_struck 🤩|thinking 🤔|raised_eyebrow 🤨|neutral 😐|expressionless 😑|no_mouth 😶|rolling_eyes 🙄|smirk 😏|' +
  'persevere 😣|relieved 😌|sleepy 😪|tired 😫|sleeping 😴|tongue 😛|wink_tongue 😜|zany 🤪|unamused 😒|sweat 😓|pensive 😔|confused 😕|money_mouth 🤑|astonished 😲|' +
  'frowning 🙁|disappointed 😞|worried 😟|triumph 😤|cry 😢|sob 😭|fearful 😨|weary 😩|exploding_head 🤯|grimacing 😬|cold_sweat 😰|scream 😱|flushed 😳|dizzy_face 😵|' +
  'rage 😡|angry 😠|cursing 🤬|mask 😷|sick 🤒|nauseated 🤢|sneezing 🤧|innocent 😇|cowboy 🤠|clown 🤡|lying 🤥|shushing 🤫|monocle 🧐|nerd 🤓|partying 🥳|pleading 🥺|' +
  'yawning 🥱|melting 🫠|salute 🫡|smiling_imp 😈|skull 💀|ghost 👻|alien 👽|robot 🤖|poop 💩|cat 🐱|dog 🐶|fox 🦊|bear 🐻|panda 🐼|penguin 🐧|bird 🐦|duck 🦆|owl 🦉|' +
  'bee 🐝|bug 🐛|butterfly 🦋|snail 🐌|turtle 🐢|snake 🐍|octopus 🐙|crab 🦀|fish 🐟|whale 🐳|unicorn 🦄|horse 🐴|cow 🐮|pig 🐷|mouse 🐭|rabbit 🐰|monkey 🐒|see_no_evil 🙈|' +
  '+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|wave 👋|clap 👏|raised_hands 🙌|pray 🙏|handshake 🤝|muscle 💪|point_up ☝️|point_right 👉|point_left 👈|point_down 👇|' +
  'crossed_fingers 🤞|v ✌️|vulcan 🖖|metal 🤘|call_me 🤙|writing_hand ✍️|eyes 👀|brain 🧠|shrug 🤷|facepalm 🤦|bow 🙇|dancer 💃|running 🏃|family 👪|baby 👶|' +
  'heart ❤️|orange_heart 🧡|yellow_heart 💛|green_heart 💚|blue_heart 💙|purple_heart 💜|black_heart 🖤|broken_heart 💔|sparkling_heart 💖|100 💯|boom 💥|sparkles ✨|star ⭐|' +
  'stars 🌠|comet ☄️|sun ☀️|moon 🌙|cloud ☁️|rain 🌧️|snow ❄️|rainbow 🌈|fire 🔥|droplet 💧|ocean 🌊|zap ⚡|earth 🌍|telescope 🔭|rocket 🚀|satellite 🛰️|tada 🎉|balloon 🎈|' +
  'gift 🎁|cake 🎂|beer 🍺|beers 🍻|wine 🍷|coffee ☕|tea 🍵|pizza 🍕|burger 🍔|fries 🍟|popcorn 🍿|cookie 🍪|chocolate 🍫|apple 🍎|banana 🍌|avocado 🥑|bread 🍞|cheese 🧀|' +
  'soccer ⚽|basketball 🏀|trophy 🏆|medal 🏅|dart 🎯|dice 🎲|video_game 🎮|guitar 🎸|musical_note 🎵|headphones 🎧|art 🎨|camera 📷|movie 🎬|tv 📺|computer 💻|keyboard ⌨️|' +
  'phone 📱|floppy 💾|cd 💿|bulb 💡|battery 🔋|wrench 🔧|hammer 🔨|gear ⚙️|lock 🔒|unlock 🔓|key 🔑|mag 🔍|link 🔗|paperclip 📎|scissors ✂️|pencil ✏️|memo 📝|book 📖|books 📚|' +
  'newspaper 📰|bookmark 🔖|calendar 📅|chart 📈|inbox 📥|outbox 📤|package 📦|mailbox 📫|email ✉️|bell 🔔|mute 🔇|speaker 🔊|mega 📣|hourglass ⏳|alarm ⏰|watch ⌚|money 💰|' +
  'car 🚗|bus 🚌|train 🚆|bike 🚲|airplane ✈️|ship 🚢|construction 🚧|house 🏠|office 🏢|hospital 🏥|tent ⛺|mountain ⛰️|tree 🌳|evergreen 🌲|flower 🌸|rose 🌹|sunflower 🌻|leaf 🍃|' +
  'four_leaf 🍀|mushroom 🍄|cactus 🌵|check ✅|x ❌|warning ⚠️|question ❓|exclamation ❗|plus ➕|minus ➖|recycle ♻️|stop 🛑|no_entry ⛔|sos 🆘|new 🆕|cool 🆒|up 🆙|zzz 💤|' +
  'speech 💬|thought 💭|arrow_up ⬆️|arrow_down ⬇️|arrow_left ⬅️|arrow_right ➡️|red_circle 🔴|green_circle 🟢|blue_circle 🔵|white_flag 🏳️|checkered_flag 🏁|pirate 🏴‍☠️';

export interface Emoji {
  name: string;
  emoji: string;
}

let parsed: Emoji[] | null = null;

function all(): Emoji[] {
  parsed ??= TABLE.split('|').map((item) => {
    const [name = '', emoji = ''] = item.split(' ');
    return { name, emoji };
  });
  return parsed;
}

/** Names that begin so come first, then those that hold it. */
export function findEmoji(typed: string, most: number): Emoji[] {
  const starts = all().filter(({ name }) => name.startsWith(typed));
  const holds = all().filter(({ name }) => name.includes(typed) && !name.startsWith(typed));
  return [...starts, ...holds].slice(0, most);
}
