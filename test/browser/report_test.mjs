// report_test.mjs INFILL - the page of `infill report --html` in a real browser. Prints TAP.
//
// INFILL is the program linked with the fake API, which hands FAKE_DOCUMENT out as the report. INFILL_TEST_PLAYWRIGHT names the folder that
// playwright-core was installed into, CHROMIUM the browser. Screenshots go to the folder SCREENSHOTS and stay, if it is named.
import {spawnSync} from "node:child_process";
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {pathToFileURL} from "node:url";

import * as documents from "./documents.mjs";

const require = createRequire(join(resolve(process.env.INFILL_TEST_PLAYWRIGHT ?? "."), "x.js"));
const {chromium} = require("playwright-core");
const program = process.argv[2];
const work = mkdtempSync(join(tmpdir(), "infill-report-"));
const screenshots = process.env.SCREENSHOTS ?? join(work, "screenshots");
mkdirSync(screenshots, {recursive: true});

const WIDTHS = [360, 1600];
const PAPER = 703; // px between the margins of A4
const SCHEMES = ["light", "dark"];
const SHOWN = {
    clean: ["Source and target match", "Nothing was left out.", "46,050 of 2,000,000 rows", "None is open.", "Every row could be written."],
    damaged: ["Source and target differ", "1,204 findings are open.", "infill repair users.yaml --dry-run", "and 204 more",
              "paid_at is 7 h later in all 1,000 differing rows of range 12", "statement timeout after 30 s", "column location",
              "1 not verified", "22001", "Equal by a weaker rule", "In users: ranges 12, 17."],
    huge: ["Source and target differ", "60,000 findings are open.", "and 59,000 more", "12 to a square", "they could not be compared"],
    never: ["Not verified", "3 of 3 ranges", "no rows were compared", "they were never verified", "infill verify users.yaml"],
};

let number = 0, failed = 0;

function check(name, wrong) {
    number++;
    failed += wrong.length > 0;
    console.log(`${wrong.length > 0 ? "not ok" : "ok"} ${number} - ${name}`);
    for (const line of wrong.slice(0, 20))
        console.log(`# ${line}`);
}

function write(name) {
    const document = join(work, `${name}.json`), page = join(work, `${name}.html`);
    writeFileSync(document, JSON.stringify(documents[name]()));
    const done = spawnSync(program, ["report", "users.yaml", "--html", page, "--quiet"], {env: {...process.env, FAKE_DOCUMENT: document}});
    if (done.status !== 0)
        throw new Error(`infill report: ${done.status}\n${done.stderr}`);
    return page;
}

// In the page: text whose contrast with what is behind it is below WCAG AA.
function lowContrast() {
    const parse = text => (text.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    const over = (top, below) => { const a = top[3] ?? 1; return [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a)); };
    const light = rgb => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
        const part = rgb[i] / 255;
        return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    }, 0);
    const behind = element => {
        const layers = [];
        for (let at = element; at; at = at.parentElement)
            layers.push(parse(getComputedStyle(at).backgroundColor));
        return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement, style = getComputedStyle(element);
        if (!node.textContent.trim() || style.display === "none")
            continue;
        const back = behind(element), front = over(parse(style.color), back);
        const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
        const ratio = (high + 0.05) / (low + 0.05), size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        if (ratio < (large ? 3 : 4.5))
            found.push(`${ratio.toFixed(2)}: "${node.textContent.trim().slice(0, 40)}" ${style.color} on ${back.map(Math.round)}`);
    }
    return [...new Set(found)];
}

// In the page: what somebody who does not see it would stumble over.
function structure() {
    const found = [];
    const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map(each => Number(each.tagName[1]));
    if (levels.filter(level => level === 1).length !== 1 || levels[0] !== 1)
        found.push("not exactly one h1 at the top");
    levels.forEach((level, i) => { if (i > 0 && level > levels[i - 1] + 1) found.push(`h${levels[i - 1]} is followed by h${level}`); });
    for (const table of document.querySelectorAll("table"))
        if (!table.caption?.textContent || !table.querySelector("thead th[scope=col]"))
            found.push("a table without caption or headings");
    for (const row of document.querySelectorAll("table:not(:has([rowspan])) tr"))
        if (row.cells.length !== row.closest("table").tHead.rows[0].cells.length)
            found.push(`a row of ${row.cells.length} cells: ${row.textContent.slice(0, 60)}`);
    const ids = [...document.querySelectorAll("[id]")].map(each => each.id);
    if (new Set(ids).size !== ids.length)
        found.push("an id stands twice");
    for (const link of document.querySelectorAll("a[href]")) {
        if (!link.getAttribute("href").startsWith("#") || !document.getElementById(link.getAttribute("href").slice(1)))
            found.push(`a link to ${link.getAttribute("href")}`);
        if (!(link.textContent || link.getAttribute("aria-label")))
            found.push("a link without words");
    }
    if (document.documentElement.lang !== "en" || !document.querySelector("main") || !document.title)
        found.push("no language, main or title");
    if (document.querySelector("script, img, link:not([rel=icon]), iframe, object, embed"))
        found.push("an element that loads or runs something");
    if (/[\u001b\u202e]/.test(document.body.textContent))
        found.push("characters that steer or reorder");
    return found;
}

// Each verdict's square must be told from the others with all colour taken away.
async function squaresWithoutColour(page) {
    const seen = new Map();
    for (const name of ["match", "differ", "changed", "unknown", "none"]) {
        const square = page.locator(`.squares > .${name}`).first();
        if (await square.count() === 0)
            return [`no square of ${name}`];
        const drawing = await square.evaluate(each => {
            const style = getComputedStyle(each);
            return `${style.backgroundImage.replace(/rgba?\([^)]*\)/g, "c").replace(/linear-gradient\(c, c\)/, "")} ${style.borderTopStyle}`;
        });
        seen.set(drawing, name);
    }
    return seen.size === 5 ? [] : [`only ${seen.size} drawings for 5 verdicts`];
}

async function pointAtSquares(page) {
    const wrong = [];
    for (const square of [page.locator(".squares > a").first(), page.locator(".squares > i").first()]) {
        await square.hover();
        const shown = await square.evaluate(each => {
            const style = getComputedStyle(each, "::after");
            return style.display !== "none" && style.content.includes("Range");
        });
        if (!shown)
            wrong.push("a square says nothing when it is pointed at");
    }
    await page.locator(".squares > a").first().click();
    const target = await page.evaluate(() => document.querySelector("tr:target")?.cells[0].textContent);
    if (!target)
        wrong.push("a marked square leads nowhere");
    return wrong;
}

async function look(browser, name, path, width, scheme) {
    const context = await browser.newContext({viewport: {width, height: 900}, colorScheme: scheme});
    const page = await context.newPage();
    const said = [], asked = [];
    page.on("console", message => said.push(message.text()));
    page.on("pageerror", error => said.push(String(error)));
    page.on("request", request => asked.push(request.url()));
    const url = pathToFileURL(path).href;
    await page.goto(url);
    const what = `${name}, ${width} px, ${scheme}`;
    check(`${what}: nothing is said in the console`, said);
    check(`${what}: nothing is loaded`, asked.filter(each => each !== url && !each.startsWith("data:")));
    const text = await page.locator("body").innerText();
    check(`${what}: all that matters is there`, SHOWN[name].filter(part => !text.includes(part)).map(part => `no "${part}"`));
    const heading = page.locator("#verdict");
    check(`${what}: the verdict is seen first`, await heading.isVisible() && (await heading.boundingBox()).y < 500 ? [] : ["it is not"]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(`${what}: the page is not wider than the window`, wide > width ? [`${wide} px`] : []);
    check(`${what}: text can be read (WCAG AA)`, await page.evaluate(lowContrast));
    check(`${what}: headings, captions, links`, await page.evaluate(structure));
    await page.screenshot({path: join(screenshots, `${name}-${width}-${scheme}.png`), fullPage: true});
    if (name === "damaged") {
        check(`${what}: the title is ours`, (await page.title()).startsWith("users_v2: differ") ? [] : [await page.title()]);
        check(`${what}: squares are told apart without colour`, await squaresWithoutColour(page));
        check(`${what}: squares say their range and lead to it`, await pointAtSquares(page));
        await page.screenshot({path: join(screenshots, `${name}-${width}-${scheme}-pointed.png`)});
    }
    if (name === "huge") {
        const squares = await page.locator(".squares > *").count();
        check(`${what}: at most 2,000 squares`, squares > 2000 || squares < 1000 ? [`${squares}`] : []);
    }
    await context.close();
}

async function print(browser, path) {
    const page = await (await browser.newContext()).newPage();
    await page.goto(pathToFileURL(path).href);
    await page.emulateMedia({media: "print"});
    const pdf = await page.pdf({path: join(screenshots, "damaged.pdf"), format: "A4", printBackground: false});
    check("it prints", pdf.length > 10000 ? [] : [`${pdf.length} bytes`]);
    await page.setViewportSize({width: PAPER, height: 1123});
    const cut = await page.evaluate(() => [...document.querySelectorAll(".scroll")].filter(each => getComputedStyle(each).overflowX !== "visible").length);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check("nothing is cut off on paper", cut > 0 || wide > PAPER ? [`${cut} tables, ${wide} px`] : []);
    await page.screenshot({path: join(screenshots, "damaged-print.png")});
}

const browser = await chromium.launch({executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"]});
try {
    for (const name of Object.keys(SHOWN)) {
        const path = write(name);
        for (const width of WIDTHS)
            for (const scheme of SCHEMES)
                await look(browser, name, path, width, scheme);
    }
    await print(browser, join(work, "damaged.html"));
} finally {
    await browser.close();
}
rmSync(work, {recursive: true, force: true});
console.log(`1..${number}`);
process.exit(failed > 0 ? 1 : 0);
