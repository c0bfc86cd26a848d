"""The words that Streamlit's own frontend shows, in Chinese: it knows no language but English.

And what it makes of text. It turns addresses into links, ``:smile:`` and ``:material_lock:`` into
pictures and ``->`` into an arrow after Markdown has been read, so that no escape in front of a sign
keeps an institution's name from it. Here these are taken out: what Markdown means is what
``ui.formatting.plain`` escapes, and all else is drawn as it stands, without invisible characters
that would go along when a name is copied.

Each literal stands here as it does in the scripts Streamlit ships, with as much of the code around
it as keeps names in the code, classes and test ids out of its reach. A test holds every literal to
exist, so that a release with other words is seen before it is served.
"""

from __future__ import annotations

DISCONNECTED = (
    "与服务器的连接已中断，正在自动重连，连上后可以继续操作。"
    "如果长时间没有恢复，请检查网络，或联系系统管理员。"
)

NOT_HANDED_OUT = (
    "没有下载：登录可能已到时限或已退出，账号可能有变动，也可能暂时连不上数据库。"
    "请刷新页面后再试；仍不行请联系系统管理员。"
)

# Calendars, and what is read out, are translated already, into the language of the browser or into
# a fixed one. A browser in English is no reason for English here.
BROWSER_LANGUAGE = "typeof navigator<`u`&&(navigator.language||navigator.userLanguage)||`en-US`"
FIXED_LANGUAGE = "locale:`en-US`,children"

# By the file's name without its hash and ending. Where several files share the name, a literal
# is replaced in those that have it.
WORDS = {
    "index": {
        # Pages, the menu on the left, what comes up over a page
        "`Please wait...`": "`请稍候…`",
        "this.showError(`Page not found`": "this.showError(`没有这个页面`",
        "`You have requested page /${e}, but no corresponding file was found in the app's pages/"
        " directory`": "`没有地址为“${e}”的页面`",
        "`The page that you have requested does not seem to exist`": "`请检查地址`",
        "`${t}. Running the app's main page.`": "`${t}，或从左边的菜单选一个页面。`",
        "`View less`:`View ${x-m} more`": "`收起`:`再显示 ${x-m} 项`",
        '"aria-label":`App pages`': '"aria-label":`页面`',
        '"aria-label":`Sidebar`': '"aria-label":`侧栏`',
        '"aria-label":`Expand sidebar`': '"aria-label":`展开侧栏`',
        '"aria-label":`Collapse sidebar`': '"aria-label":`收起侧栏`',
        '"aria-label":`Scroll tabs left`': '"aria-label":`向左滚动标签`',
        '"aria-label":`Scroll tabs right`': '"aria-label":`向右滚动标签`',
        '"aria-label":`Navigate to home page`': '"aria-label":`回到首页`',
        '"aria-label":`Notifications`': '"aria-label":`通知`',
        '"aria-label":`Close`': '"aria-label":`关闭`',
        "children:`Skip to main content`": "children:`跳到正文`",
        "children:`(opens in new tab)`": "children:`（在新标签页打开）`",
        "`view less`:`view more`": "`收起`:`展开`",
        "locale:window.navigator.language,": "locale:`zh-CN`,",
        # Keys, beside the words of a button
        "pageup:`PageUp`,pagedown:`PageDown`": "pageup:`上翻`,pagedown:`下翻`",
        '"aria-label":`Shortcut ${l}`': '"aria-label":`快捷键 ${l}`',
        # The connection
        "this.showError(`Connection error`": "this.showError(`连接中断`",
        "`Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in"
        " your terminal:`,codeBlock:`streamlit run yourscript.py`": f"`{DISCONNECTED}`",
        "`Streamlit server is not responding. Are you connected to the internet?`": (
            f"`{DISCONNECTED}`"
        ),
        "`Cannot connect to Streamlit (HTTP status: 403).\n\nIf you are trying to access a"
        " Streamlit app running on another server, this could be due to the app's"
        " [CORS](${rD}) settings.`": "`服务器拒绝了连接（403），请联系系统管理员。`",
        "message:`Connection timed out.`": f"message:`{DISCONNECTED}`",
        "`Connection failed with status ${r}${s?`, and response:`:`.`}`": (
            "`连接失败（${r}）${s?`，服务器的答复：`:`。`}`"
        ),
        "errorMsg:`Connection lost. Please wait for the app to reconnect, then try again.`": (
            "errorMsg:`连接已中断，请等重新连上后再试。`"
        ),
        "this.showError(`Bad message format`": "this.showError(`页面数据有误，请刷新页面`",
    },
    "styled-components": {BROWSER_LANGUAGE: "`zh-CN`"},
    "DateField": {BROWSER_LANGUAGE: "`zh-CN`"},
    "FileUploader": {
        "`${T(t,D.Byte,0)} per file`": "`每个文件不超过 ${T(t,D.Byte,0)}`",
        "`Drag and drop directories here`": "`把文件夹拖到这里`",
        "`Drag and drop files here`": "`把文件拖到这里`",
        "`Drag and drop a file here`": "`把文件拖到这里`",
        "label:l?`Upload directories`:`Upload`": "label:l?`选择文件夹`:`选择文件`",
        "message:`${e.type} files are not allowed.`": "message:`不接受这种类型的文件。`",
        '"aria-label":`Add files`': '"aria-label":`添加文件`',
    },
    "utils": {
        # Files to upload
        "`File must be ${$(n,`b`)} or smaller.`": "`文件不能超过 ${$(n,`b`)}。`",
        "return`${t.type} files are not allowed.`": "return`不接受这种类型的文件。`",
        "return`File size is too small.`": "return`文件太小。`",
        "return`Only one file is allowed.`": "return`一次只能选一个文件。`",
        "return`Unexpected error. Please try again.`": "return`出了意外，请重试。`",
        "errorMessage:`Upload failed`": "errorMessage:`上传失败`",
        "`Cancel upload of ${e.name}`:`Remove ${e.name}`": "`取消上传 ${e.name}`:`移除 ${e.name}`",
        '"aria-label":`file upload`': '"aria-label":`上传文件`',
        "`Click to retry upload`": "`点击重新上传`",
        "children:[`Error: `": "children:[`出错：`",
        # Boxes to choose from
        "`Add options`:`Add an option`": "`添加选项`:`添加选项`",
        "`No options to select`": "`没有可选项`",
        "`Choose or add options`:`Choose or add an option`": "`选择或添加`:`选择或添加`",
        "`Choose options`:`Choose an option`": "`请选择`:`请选择`",
    },
    "Multiselect": {
        FIXED_LANGUAGE: FIXED_LANGUAGE.replace("en-US", "zh-CN"),
        "label:`Select ${p.length} matches`": "label:`全选匹配的 ${p.length} 项`",
        "label:`Select all`": "label:`全选`",
        "label:`Add: ${n}`": "label:`添加：${n}`",
        "return`No results`": "return`没有匹配的选项`",
        "`You can only select up to ${t.maxSelections} ${e}. Remove an option first.`": (
            "`最多选 ${t.maxSelections} 项，请先去掉一项。`"
        ),
        "t.label||`Multiselect`": "t.label||`多选框`",
        "t.label||`Multiselect options`": "t.label||`选项`",
        '"aria-label":`Selected values`': '"aria-label":`已选`',
        '"aria-label":`Remove ${e}`': '"aria-label":`去掉${e}`',
        '"aria-label":`Clear all`': '"aria-label":`全部清除`',
        '"aria-label":`Open`': '"aria-label":`展开选项`',
    },
    "Selectbox": {
        FIXED_LANGUAGE: FIXED_LANGUAGE.replace("en-US", "zh-CN"),
        "children:`No results`": "children:`没有匹配的选项`",
        "label:`Add: ${M}`": "label:`添加：${M}`",
        "l??`Selectbox options`": "l??`选项`",
        "l??`Selectbox`": "l??`选择框`",
        '"aria-label":`Clear value`': '"aria-label":`清除`',
        '"aria-label":`Open`': '"aria-label":`展开选项`',
    },
    "DateInput": {
        FIXED_LANGUAGE: FIXED_LANGUAGE.replace("en-US", "zh-CN"),
        '"aria-label":`${ce} start date`': '"aria-label":`${ce}开始日期`',
        '"aria-label":`${ce} end date`': '"aria-label":`${ce}结束日期`',
        "`Choose date range`": "`选择日期范围`",
        "`Choose date`": "`选择日期`",
        '"aria-label":`Clear dates`': '"aria-label":`清除日期`',
        '"aria-label":`Clear date`': '"aria-label":`清除日期`',
        "`Use arrow keys to navigate dates. Enter to select. Escape to close.`": (
            "`用方向键移动，回车键选定，Esc 键关闭。`"
        ),
        "children:`Date range`": "children:`日期范围`",
        '"aria-label":`Quick select a date range`': '"aria-label":`快速选择日期范围`',
        "`Select...`": "`请选择`",
    },
    "ReorderedSegments": {
        "label:`Past Week`": "label:`最近一周`",
        "label:`Past Month`": "label:`最近一个月`",
        "label:`Past 3 Months`": "label:`最近三个月`",
        "label:`Past 6 Months`": "label:`最近半年`",
        "label:`Past Year`": "label:`最近一年`",
        "label:`Past 2 Years`": "label:`最近两年`",
        '"aria-label":`Previous month`': '"aria-label":`上个月`',
        '"aria-label":`Next month`': '"aria-label":`下个月`',
        "`**Error**: Date set outside allowed range. Please select a date between ${n} and"
        " ${r}.`": "`日期超出范围，请选 ${n} 至 ${r} 的日期。`",
        "`**Error**: Date set outside allowed range. Please select a date on or after ${n}.`": (
            "`日期超出范围，请选 ${n} 或以后的日期。`"
        ),
        "`**Error**: Date set outside allowed range. Please select a date on or before ${r}.`": (
            "`日期超出范围，请选 ${r} 或以前的日期。`"
        ),
    },
    "NumberInput": {
        "`Number is outside the allowed range. Please enter a value between ${n} and ${r}.`": (
            "`数值超出范围，请填 ${n} 至 ${r}。`"
        ),
        "`Number is below the allowed range. Please enter a value greater than or equal to"
        " ${n}.`": "`数值太小，请填 ${n} 或以上。`",
        "`Number is below the allowed range.`": "`数值太小。`",
        "`Number is above the allowed range. Please enter a value less than or equal to"
        " ${r}.`": "`数值太大，请填 ${r} 或以下。`",
        "`Number is above the allowed range.`": "`数值太大。`",
        '"aria-label":`Clear value`': '"aria-label":`清除`',
        '"aria-label":`Decrement`': '"aria-label":`减少`',
        '"aria-label":`Increment`': '"aria-label":`增加`',
    },
    "TextInput": {
        '"aria-label":`Clear entry`': '"aria-label":`清除`',
        "`Hide password`:`Show password`": "`隐藏密码`:`显示密码`",
        "`Invalid input.`": "`填写有误。`",
        "${g} Must match pattern: ${e.toString()}": "${g}",
    },
    "InputInstructions": {
        "`submit form`:`apply`": "`提交`:`确认`",
        "`Press ${r()?`⌘`:`Ctrl`}+Enter to ${e}`": "`按 ${r()?`⌘`:`Ctrl`} + 回车键${e}`",
        "`Press Enter to ${e}`": "`按回车键${e}`",
    },
    "requiredField": {"`This field is required.`": "`必填。`"},
    "DownloadButton": {
        # Why is known to the server's log alone; its words would be English.
        "e instanceof Error?e.message:`Download failed`": f"`{NOT_HANDED_OUT}`",
        "I(`Deferred download not properly configured`)": f"I(`{NOT_HANDED_OUT}`)",
        "5e3,{autoStart:!1}": "2e4,{autoStart:!1}",  # milliseconds to read it
    },
    "Radio": {"`No options to select.`": "`没有可选项`"},
    "useCopyToClipboard": {"`Copied`:`Copy to clipboard`": "`已复制`:`复制`"},
    "Toolbar": {
        "label:`Fullscreen`": "label:`全屏`",
        "label:`Close fullscreen`": "label:`退出全屏`",
    },
    "ArrowVegaLiteChart": {
        "label:`Show data`": "label:`看数据`",
        "label:`Show chart`": "label:`看图`",
        "label:`Download as PNG`": "label:`下载图片`",
        "`Copied!`:`Copy Vega-Lite spec`": "`已复制`:`复制图的代码`",
    },
    "DynamicIcon": {"return`Loading`": "return`加载中`", "`${n} icon`": "`图标`"},
    "Metric": {"`Metric`": "`指标`"},
    "StreamlitMarkdown": {
        '"aria-label":`Link to heading`': '"aria-label":`本节链接`',
        "`Help`:`Help for ${t.replaceAll(/\\s+/g,` `)}`": (
            "`说明`:`说明：${t.replaceAll(/\\s+/g,` `)}`"
        ),
        # No links from addresses, no arrows from signs, no logo; of what is beyond Markdown
        # colours and badges are left.
        "qm=[Ru,Gs,zm(),Wm(),Gm()]": "qm=[Gs,zm()]",
        # No pictures from :material_lock: and :smile:, and so no need to write one for the other.
        "...qm,Vm(u,_),Um(u)];return p&&b&&e.push(b),e.push(Hm()),e": (
            "...qm,Vm(u,_)];return e.push(Hm()),e"
        ),
        "n=t.replaceAll(`:material/`,`:material_`);": "n=t;",
        # No links and pictures at all, should a text have come here without its escapes.
        "Jm=[`table`,": "Jm=[`a`,`img`,`table`,",
        "?Zm:Ym:i?Xm:Jm:[],": "?Zm:Ym:i?Xm:Jm:[`a`,`img`],",
    },
    "Table": {"children:`empty`": "children:`没有数据`"},
    "DataFrame": {
        # Cells
        "displayData:`empty`": "displayData:`没有数据`",
        "O_=`None`": "O_=`—`",
        "Wu(`Failed to load data`": "Wu(`加载失败`",
        # The buttons above a table
        "label:`Search`": "label:`查找`",
        "label:`Download as CSV`": "label:`下载 CSV`",
        "label:`Show/hide columns`": "label:`显示或隐藏列`",
        "label:`Select all`": "label:`全选`",
        "label:`Clear selection`": "label:`取消选择`",
        "label:`Add row`": "label:`添加一行`",
        "label:`Delete row(s)`": "label:`删除所选行`",
        "`Type to search`": "`输入要找的文字`",
        "`over 1000`:`${v.results} result${v.results===1?``:`s`}`": (
            "`超过 1000 条`:`${v.results} 条结果`"
        ),
        "`${v.selectedIndex+1} of ${e}`": "`第 ${v.selectedIndex+1} 条，共 ${e}`",
        '"aria-label":`Previous Result`': '"aria-label":`上一条`',
        '"aria-label":`Next Result`': '"aria-label":`下一条`',
        '"aria-label":`Close Search`': '"aria-label":`关闭查找`',
        # The menu of a column
        '"aria-label":`Dataframe column menu`': '"aria-label":`列菜单`',
        "s(Av,{title:d.kind,": "s(Av,{",
        'title:`Copy column name`,"aria-label":`Copy column name`': (
            'title:`复制列名`,"aria-label":`复制列名`'
        ),
        "`Sort ascending`": "`升序排列`",
        "`Sort descending`": "`降序排列`",
        "`Statistics`]": "`统计`]",
        "`Format`]": "`格式`]",
        "`Autosize`": "`自动列宽`",
        "`Unpin column`": "`取消固定`",
        "`Pin column`": "`固定此列`",
        "`Hide column`": "`隐藏此列`",
        "label:`Automatic`": "label:`自动`",
        "label:`Localized`": "label:`本地习惯`",
        "label:`Plain`": "label:`原样`",
        "label:`Compact`": "label:`简写`",
        "label:`Dollar`": "label:`美元`",
        "label:`Euro`": "label:`欧元`",
        "label:`Yen`": "label:`日元`",
        "label:`Percent`": "label:`百分比`",
        "label:`Scientific`": "label:`科学计数`",
        "label:`Accounting`": "label:`会计`",
        "label:`Duration`": "label:`时长`",
        "label:`Distance`": "label:`距今`",
        "label:`Calendar`": "label:`日历`",
        # What it says of a column's values
        "`Distribution histogram`": "`分布`",
        "`Top values frequency chart`": "`出现最多的值`",
        "`True/false distribution chart`": "`是与否的分布`",
        "Iy(`True`": "Iy(`是`",
        "Iy(`False`": "Iy(`否`",
        "title:`Range`": "title:`范围`",
        "title:`Count`": "title:`个数`",
        "children:`No data`": "children:`没有数据`",
        "children:`Based on sample`": "children:`按部分数据统计`",
        "label:`Values`": "label:`有值`",
        "label:`Empty`": "label:`空`",
        "label:`Distinct`": "label:`不同的值`",
        "label:`Average`": "label:`平均`",
        "label:`Standard deviation`": "label:`标准差`",
        "label:`Minimum`": "label:`最小`",
        "label:`25th percentile`": "label:`下四分位`",
        "label:`Median`": "label:`中位数`",
        "label:`75th percentile`": "label:`上四分位`",
        "label:`Maximum`": "label:`最大`",
        "label:`Sum`": "label:`合计`",
        "label:`Range`": "label:`跨度`",
        "label:`Minimum length`": "label:`最短字数`",
        "label:`Maximum length`": "label:`最长字数`",
        "label:`Average length`": "label:`平均字数`",
        "n===1?`1 ${t}`:`${n} ${t}s`": "`${n} ${t}`",
        "(Math.round(c),`year`)": "(Math.round(c),`年`)",
        "(Math.round(s),`month`)": "(Math.round(s),`个月`)",
        "(Math.round(o),`week`)": "(Math.round(o),`周`)",
        "(Math.round(a),`day`)": "(Math.round(a),`天`)",
        "(Math.round(i),`hour`)": "(Math.round(i),`小时`)",
        "(Math.round(r),`minute`)": "(Math.round(r),`分钟`)",
        "(Math.round(n),`second`)": "(Math.round(n),`秒`)",
    },
}


def in_chinese(file_name: str, script: str) -> str:
    """Return the script of the frontend that ``file_name`` holds, with its words in Chinese.

    ``file_name`` is as Streamlit ships it (``Toolbar.IoDGB_NU.js``). Literals that the script does
    not have are passed over.
    """
    for literal, chinese in WORDS.get(file_name.split(".")[0], {}).items():
        script = script.replace(literal, chinese)
    return script
