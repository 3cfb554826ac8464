// Icons of collections: the names that projects store, as far as the Studio has a drawing for them. For the others a plain one.
import activity from 'icon:activity';
import bell from 'icon:bell';
import book from 'icon:book-open';
import box from 'icon:box';
import calendar from 'icon:calendar';
import cart from 'icon:shopping-cart';
import chart from 'icon:chart-column';
import check from 'icon:circle-check';
import file from 'icon:file-text';
import files from 'icon:files';
import folder from 'icon:folder';
import globe from 'icon:globe';
import home from 'icon:house';
import image from 'icon:image';
import inbox from 'icon:inbox';
import info from 'icon:info';
import label from 'icon:tag';
import labels from 'icon:tags';
import link from 'icon:link';
import list from 'icon:list';
import lock from 'icon:lock';
import mail from 'icon:mail';
import map from 'icon:map-pin';
import menu from 'icon:menu';
import message from 'icon:message-square';
import money from 'icon:banknote';
import news from 'icon:newspaper';
import note from 'icon:sticky-note';
import pen from 'icon:pen-line';
import person from 'icon:user';
import people from 'icon:users';
import question from 'icon:circle-help';
import settings from 'icon:settings';
import shapes from 'icon:shapes';
import star from 'icon:star';
import store from 'icon:store';
import table from 'icon:table-2';
import translate from 'icon:languages';
import tree from 'icon:list-tree';
import truck from 'icon:truck';
import video from 'icon:video';

const KNOWN: Record<string, string> = {
  article: news, account_tree: tree, analytics: chart, assignment: list, attach_money: money, auto_stories: book, bar_chart: chart,
  book: book, bookmark: star, box: box, bubble_chart: chart, build: settings, business: store, calendar_month: calendar,
  calendar_today: calendar, category: shapes, chat: message, check_circle: check, comment: message, contact_mail: mail,
  contacts: people, description: file, draft: file, edit: pen, edit_note: pen, email: mail, event: calendar, face: person,
  feed: news, file_copy: files, folder: folder, forum: message, group: people, groups: people, help: question, home: home,
  image: image, inbox: inbox, info: info, insights: activity, inventory: box, inventory_2: box, label: label, language: globe, layers: table,
  link: link, list: list, list_alt: list, local_offer: label, local_shipping: truck, location_on: map, lock: lock, mail: mail,
  menu: menu, menu_book: book, message: message, monitoring: activity, movie: video, newspaper: news, note: note, notes: note,
  notifications: bell, page_control: file, payments: money, people: people, person: person, photo: image, place: map,
  post_add: news, public: globe, query_stats: chart, question_answer: message, receipt: file, sell: label, settings: settings,
  shopping_cart: cart, star: star, sticky_note_2: note, store: store, storefront: store, style: labels, table_chart: table,
  tag: label, text_snippet: file, topic: folder, translate: translate, tune: settings, videocam: video, web: globe, work: box,
};

/** The drawing for a stored name; `otherwise` for one that there is no drawing for. */
export function icon(name: string | null | undefined, otherwise = table): string {
  return KNOWN[name ?? ''] ?? otherwise;
}

export { folder as folderIcon };

/** The names that there is a drawing for. */
export const drawn: string[] = Object.keys(KNOWN).sort();

/** For names of icons that are values: something that is drawn, whatever it is. */
export { shapes as anyIcon };
