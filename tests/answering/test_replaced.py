"""Statements that copy a sentence but for one word: a name, an opposite, a unit, a time of day, a part."""

import pytest

from app.answering.evidence import prepare
from app.answering.evidence.context import Material
from app.answering.evidence.judge import Judge
from app.answering.evidence.statements import cut
from app.text.language import detect_language
from tests.passages import passage

DOCUMENTS = {
    "zh-staff": (
        "青石物流人事与值班制度",
        "一、总则\n\n"
        "本制度由人力资源部主任张三负责解释，由副主任王小梅负责监督执行，自 2026 年 3 月 1 日起生效。\n\n"
        "二、作息\n\n"
        "仓库的工作时间为每天上午 8 点半至下午 5 点半，其中午休 45 分钟，分拣组的午休安排在中午 12 点。\n\n"
        "夜班从晚上 10 点开始，到次日早上 6 点结束，夜班人员每班补贴 120 元。\n\n"
        "三、报销\n\n"
        "差旅住宿费由李雪峰审核，市内交通费由陈立新审核，单笔超过 5 千元的费用须经总经理赵国强批准。\n\n"
        "员工每月的通讯补贴为 3 百元，每年的体检费用上限为 2 千元，家属体检半价。\n\n"
        "四、试用与离职\n\n"
        "新员工试用期为半年，试用期内提出离职应提前 3 天告知；转正后离职应提前 30 天书面通知。\n\n"
        "合同到期前一年内，部门经理至少应与员工面谈两次，最多可延长一次试用期。\n\n"
        "五、安全\n\n"
        "叉车司机每工作 30 分钟应休息 5 分钟，急停按钮按住 3 秒后解除锁定，警报持续 90 秒后自动关闭。\n\n"
        "消防演练每季度一次，由安全员周海涛组织，仓库主管刘芳记录，演练报告在 7 天内提交给行政部。\n\n"
        "特种车辆每两年检测一次，普通车辆每年检测一次。\n\n",
    ),
    "zh-contract": (
        "冷库租赁合同",
        "第一条 甲方将位于港口路 18 号的 3 号冷库租给乙方使用，租期三年，从 2026 年 5 月 1 日起算。\n\n"
        "第二条 月租金为 2.4 万元，押金为三个月租金；乙方应在每月 5 日前支付，逾期每天按欠款的万分之五支付违约金。\n\n"
        "第三条 冷库温度应保持在零下 18 度以下，停电超过 4 小时的，甲方应在 2 小时内启动备用发电机。\n\n"
        "第四条 乙方不得将冷库转租给第三方，可以在书面告知甲方后安装货架；甲方负责制冷机组的维修，乙方负责门封和照明的维修。\n\n"
        "第五条 一方提前解除合同的，应提前 60 天书面通知对方，并支付相当于两个月租金的补偿。\n\n"
        "第六条 甲方代表为孙志远，乙方代表为何晓岚；争议由青岛仲裁委员会裁决，不由法院管辖。\n\n",
    ),
    "zh-product": (
        "澄净 K2 净水器说明书",
        "## 规格\n\n"
        "K2 的额定流量为每分钟 1.8 升，水箱容量为 6 升，额定功率 45 瓦，噪声不高于 52 分贝。\n\n"
        "K2 Pro 的额定流量为每分钟 3.2 升，水箱容量为 9 升，额定功率 60 瓦，噪声不高于 55 分贝。\n\n"
        "## 滤芯\n\n"
        "前置滤芯每三个月更换一次，反渗透滤芯每两年更换一次；换芯后应冲洗 15 分钟，首次使用前应冲洗 30 分钟。\n\n"
        "滤芯指示灯为绿色时可以继续使用，为黄色时应在两周内更换，为红色时必须立即停用。\n\n"
        "## 清洗\n\n"
        "清洗水箱前必须拔掉电源，水温不得高于 40 度，禁止使用含氯的清洁剂，可以使用白醋。\n\n"
        "## 保修\n\n"
        "整机保修两年，水泵保修三年，滤芯不在保修范围内；保修由苏州工厂负责，配件由武汉仓库寄出。\n\n"
        "| 型号 | 售价 | 每年滤芯费 | 净重 |\n| K2 | 2199 元 | 380 元 | 8.6 千克 |\n| K2 Pro | 2899 元 | 460 元 | 11.2 千克 |\n\n",
    ),
    "zh-minutes": (
        "十月例会纪要",
        "会议于 10 月 14 日下午 3 点半在 B 座 402 室召开，由运营总监林可主持，行政助理吴倩记录。\n\n"
        "网站改版由设计部黄一鸣负责，11 月 20 日前完成；移动端由研发部郑凯负责，12 月 5 日前完成。\n\n"
        "客服部提出把回复时限从 24 小时缩短到 8 小时，会议同意先在上海试行两个月。\n\n"
        "采购部建议更换快递公司，由于报价比现在高 15%，会议没有通过；财务部冯洁认为应等到明年再议。\n\n"
        "市场预算从 80 万元增加到 95 万元，培训预算从 30 万元减少到 22 万元。\n\n"
        "下次例会定于 11 月 11 日上午 10 点，由副总监魏东主持。\n\n",
    ),
    "en-policy": (
        "Staff handbook of Larkfield Mills",
        "## Working hours\n\n"
        "The mill opens at 6 a.m. and closes at 9 p.m. from Monday to Friday; the office is staffed from 8:30 a.m. to 5 p.m., with a break of 40 minutes at noon.\n\n"
        "## Leave\n\n"
        "Every employee has 26 days of annual leave, of which at most 5 may be carried over to the next year; leave of more than 10 days in a row needs the approval of Grace Holloway, who leads personnel.\n\n"
        "Sick leave of up to 3 days needs no certificate. From the fourth day on a certificate must be sent to Peter Lindqvist within 48 hours.\n\n"
        "## Expenses\n\n"
        "Meals are refunded up to 38 euros per day, hotels up to 140 euros per night, and the use of one's own car at 0.35 euros per kilometre. Claims must be filed within 30 days; claims above 2,000 euros are checked by Amara Okafor, all others by Tomas Reyes.\n\n"
        "## Safety\n\n"
        "Everyone who works at the looms must wear ear protection and should wear gloves; visitors may enter the weaving hall only with a guide. The looms are stopped for 15 minutes every 4 hours. Phones may not be used in the weaving hall.\n\n"
        "Fire drills are held twice a year by Helen Brandt, and the extinguishers are inspected every 6 months by an outside firm.\n\n"
        "## Bonus\n\n"
        "The yearly bonus is at least 2% and at most 6% of the base pay, and is paid in March. Whoever leaves before 1 April loses half of it.\n\n",
    ),
    "en-contract": (
        "Service agreement between Norvik Data and Halden Foods",
        "Article 1. Norvik Data hosts the ordering system of Halden Foods from 1 February 2026 for 36 months.\n\n"
        "Article 2. The monthly fee is 7,500 dollars and is raised by 3% each year. Halden Foods pays within 20 days of the invoice; Norvik Data may suspend the service if an invoice is unpaid after 45 days.\n\n"
        "Article 3. Norvik Data answers critical incidents within 30 minutes and minor incidents within 2 working days. Backups are made every night at 2 a.m. and kept for 14 weeks.\n\n"
        "Article 4. Norvik Data shall not move data outside the country without written consent. Halden Foods may audit the data centre once a year with a notice of 10 days.\n\n"
        "Article 5. Either party may end the agreement with 90 days' notice. Halden Foods must return all access cards; Norvik Data must delete all data within 30 days.\n\n"
        "Article 6. Liability is limited to 250,000 dollars per incident and 600,000 dollars per year. Norvik Data acquired its hosting unit from Telmark in 2021.\n\n",
    ),
    "en-minutes": (
        "Minutes of the board, 9 September",
        "Chair: Ruth Adeyemi. Minutes: Colin Marsh. The meeting began at 2 p.m. and ended at 4:15 p.m.\n\n"
        "Ruth Adeyemi reported that sales rose from 4.1 to 4.8 million euros, while the costs of freight fell by 12%. Daniel Voss proposed to close the depot in Lyon; Ines Carvalho opposed it, and the board postponed the decision to November.\n\n"
        "The board approved the purchase of three electric trucks for 390,000 euros and rejected the lease of a second warehouse. Ines Carvalho will negotiate with the supplier; Daniel Voss will prepare the budget by 30 September.\n\n"
        "The price list will be changed in January instead of July. The survey of customers will be repeated every six months rather than every year.\n\n",
    ),
    "en-manual": (
        "Manual of the Tern pump series",
        "## Data\n\n"
        "The Tern 40 delivers 40 litres per minute at 3 bar and weighs 12 kg; the Tern 90 delivers 90 litres per minute at 5 bar and weighs 23 kg. Both run on 230 volts.\n\n"
        "## Care\n\n"
        "The filter of the Tern 40 is cleaned weekly, that of the Tern 90 monthly. Seals should be replaced after 2,000 hours and must be replaced after 3,000 hours. Oil is changed after the first 50 hours, then every 400 hours.\n\n"
        "## Errors\n\n"
        "If the red lamp flashes, the motor is too hot: switch the pump off and wait 20 minutes. If the yellow lamp flashes, the water is low: open the inlet valve before restarting.\n\n"
        "| Model | Price | Warranty | Stock |\n| Tern 40 | 640 euros | 2 years | 14 |\n| Tern 90 | 1,150 euros | 3 years | 6 |\n\n",
    ),
}

# (document, question, statement, whether it is true)
CASES = [
    (
        "zh-staff",
        "人事制度由谁负责解释？",
        "本制度由人力资源部主任张三负责解释，自 2026 年 3 月 1 日起生效。",
        True,
    ),
    (
        "zh-staff",
        "人事制度由谁负责解释？",
        "制度的解释由人力资源部主任张三负责，监督执行由副主任王小梅负责。",
        True,
    ),
    (
        "zh-staff",
        "人事制度由谁负责解释？",
        "本制度由人力资源部主任李四负责解释，自 2026 年 3 月 1 日起生效。",
        False,
    ),
    (
        "zh-staff",
        "人事制度由谁负责解释？",
        "制度由人力资源部主任王小梅负责解释，由副主任张三负责监督执行。",
        False,
    ),
    ("zh-staff", "人事制度由谁负责解释？", "负责监督执行的是副主任王晓梅。", False),
    ("zh-staff", "仓库几点上班？", "仓库每天上午 8 点半开始工作，下午 5 点半结束。", True),
    (
        "zh-staff",
        "仓库几点上班？",
        "仓库工作时间是上午八点半到下午五点半，中间午休 45 分钟。",
        True,
    ),
    ("zh-staff", "仓库几点上班？", "仓库每天上午 8 点开始工作，下午 5 点半结束。", False),
    ("zh-staff", "仓库几点上班？", "仓库每天下午 8 点半开始工作，下午 5 点半结束。", False),
    ("zh-staff", "仓库几点上班？", "分拣组的午休安排在上午 12 点。", False),
    ("zh-staff", "仓库几点上班？", "分拣组中午 12 点半开始午休。", False),
    (
        "zh-staff",
        "夜班什么时候开始，有补贴吗？",
        "夜班晚上 10 点开始，次日早上 6 点结束，每班补贴 120 元。",
        True,
    ),
    ("zh-staff", "夜班什么时候开始，有补贴吗？", "夜班人员每班有 120 元补贴。", True),
    (
        "zh-staff",
        "夜班什么时候开始，有补贴吗？",
        "夜班早上 10 点开始，次日晚上 6 点结束，每班补贴 120 元。",
        False,
    ),
    ("zh-staff", "差旅住宿费由谁审核？", "差旅住宿费由李雪峰审核。", True),
    ("zh-staff", "差旅住宿费由谁审核？", "差旅住宿费由李雪峰审核，市内交通费由陈立新审核。", True),
    ("zh-staff", "差旅住宿费由谁审核？", "差旅住宿费由陈立新审核。", False),
    ("zh-staff", "差旅住宿费由谁审核？", "差旅住宿费由陈立新审核，市内交通费由李雪峰审核。", False),
    ("zh-staff", "差旅住宿费由谁审核？", "市内交通费由王建国审核，差旅住宿费由李雪峰审核。", False),
    ("zh-staff", "差旅住宿费由谁审核？", "单笔超过 5000 元的费用须由总经理赵国栋批准。", False),
    ("zh-staff", "通讯补贴是多少？", "员工每月有 300 元通讯补贴。", True),
    ("zh-staff", "通讯补贴是多少？", "通讯补贴为每月三百元，体检费用上限为每年两千元。", True),
    ("zh-staff", "通讯补贴是多少？", "员工每年有 300 元通讯补贴。", False),
    ("zh-staff", "通讯补贴是多少？", "每月的体检费用上限为 2 千元，家属体检半价。", False),
    (
        "zh-staff",
        "试用期多长，离职要提前几天？",
        "新员工试用期为半年，试用期内离职应提前 3 天告知。",
        True,
    ),
    ("zh-staff", "试用期多长，离职要提前几天？", "转正后离职应提前 30 天书面通知。", True),
    (
        "zh-staff",
        "试用期多长，离职要提前几天？",
        "新员工试用期为半个月，试用期内离职应提前 3 天告知。",
        False,
    ),
    (
        "zh-staff",
        "试用期多长，离职要提前几天？",
        "合同到期前一年内，部门经理最多应与员工面谈两次。",
        False,
    ),
    (
        "zh-staff",
        "试用期多长，离职要提前几天？",
        "合同到期前半年内，部门经理至少应与员工面谈两次。",
        False,
    ),
    ("zh-staff", "消防演练由谁组织？", "消防演练每季度一次，由安全员周海涛组织。", True),
    ("zh-staff", "消防演练由谁组织？", "安全员周海涛组织消防演练，仓库主管刘芳负责记录。", True),
    ("zh-staff", "消防演练由谁组织？", "消防演练每季度一次，由安全员刘芳组织。", False),
    (
        "zh-staff",
        "消防演练由谁组织？",
        "消防演练由安全员马超组织，仓库主管刘芳记录，演练报告在 7 天内提交给行政部。",
        False,
    ),
    ("zh-staff", "消防演练由谁组织？", "演练报告须在 7 天内提交给财务部。", False),
    ("zh-staff", "消防演练由谁组织？", "特种车辆每年检测一次，普通车辆每两年检测一次。", False),
    ("zh-contract", "月租金和押金是多少？", "月租金为 2.4 万元，押金为三个月租金。", True),
    ("zh-contract", "月租金和押金是多少？", "月租金为 24000 元，押金相当于三个月的租金。", True),
    ("zh-contract", "月租金和押金是多少？", "年租金为 2.4 万元，押金为三个月租金。", False),
    ("zh-contract", "月租金和押金是多少？", "逾期每天按欠款的千分之五支付违约金。", False),
    ("zh-contract", "月租金和押金是多少？", "逾期每月按欠款的万分之五支付违约金。", False),
    ("zh-contract", "冷库温度和停电有什么规定？", "冷库温度应保持在零下 18 度以下。", True),
    (
        "zh-contract",
        "冷库温度和停电有什么规定？",
        "停电超过 4 小时的，甲方应在 2 小时内启动备用发电机。",
        True,
    ),
    ("zh-contract", "冷库温度和停电有什么规定？", "冷库温度应保持在零下 18 度以上。", False),
    (
        "zh-contract",
        "谁负责维修？可以转租吗？",
        "甲方负责制冷机组的维修，乙方负责门封和照明的维修。",
        True,
    ),
    ("zh-contract", "谁负责维修？可以转租吗？", "乙方不得将冷库转租给第三方。", True),
    ("zh-contract", "谁负责维修？可以转租吗？", "乙方必须在书面告知甲方后安装货架。", False),
    (
        "zh-contract",
        "谁负责维修？可以转租吗？",
        "甲方代表为孙致远，乙方代表为何晓岚，争议由青岛仲裁委员会裁决。",
        False,
    ),
    ("zh-contract", "谁负责维修？可以转租吗？", "争议由上海仲裁委员会裁决。", False),
    (
        "zh-contract",
        "第3条规定停电超过几小时要启动发电机？",
        "停电超过 4 小时，甲方应启动备用发电机。",
        True,
    ),
    (
        "zh-contract",
        "第3条规定停电超过几小时要启动发电机？",
        "第三条规定，停电超过 4 小时的，甲方应在 2 小时内启动备用发电机。",
        True,
    ),
    (
        "zh-contract",
        "第3条规定停电超过几小时要启动发电机？",
        "停电超过 3 小时，甲方应启动备用发电机。",
        False,
    ),
    (
        "zh-contract",
        "第3条规定停电超过几小时要启动发电机？",
        "第3条规定，停电超过 4 小时的，甲方应在 3 小时内启动备用发电机。",
        False,
    ),
    (
        "zh-product",
        "K2 的额定流量是多少？",
        "K2 的额定流量为每分钟 1.8 升，水箱容量为 6 升。",
        True,
    ),
    ("zh-product", "K2 的额定流量是多少？", "K2 的噪声不高于 52 分贝。", True),
    ("zh-product", "K2 的额定流量是多少？", "K2 的额定流量为每分钟 3.2 升。", False),
    (
        "zh-product",
        "滤芯多久换一次？",
        "前置滤芯每三个月更换一次，反渗透滤芯每两年更换一次。",
        True,
    ),
    ("zh-product", "滤芯多久换一次？", "换芯后应冲洗 15 分钟，首次使用前应冲洗 30 分钟。", True),
    ("zh-product", "滤芯多久换一次？", "首次使用后应冲洗 30 分钟。", False),
    (
        "zh-product",
        "滤芯多久换一次？",
        "指示灯为红色时应在两周内更换滤芯，为黄色时必须立即停用。",
        False,
    ),
    ("zh-product", "怎么清洗水箱？", "清洗水箱前必须拔掉电源，水温不得高于 40 度。", True),
    ("zh-product", "怎么清洗水箱？", "可以用白醋清洗，禁止使用含氯的清洁剂。", True),
    ("zh-product", "怎么清洗水箱？", "清洗水箱后必须拔掉电源，水温不得高于 40 度。", False),
    ("zh-product", "保修多久？", "整机保修两年，水泵保修三年。", True),
    ("zh-product", "保修多久？", "保修由苏州工厂负责，配件由武汉仓库寄出。", True),
    ("zh-product", "保修多久？", "K2 的售价是 2899 元。", False),
    (
        "zh-minutes",
        "例会什么时候开的？",
        "会议于 10 月 14 日下午 3 点半召开，由运营总监林可主持。",
        True,
    ),
    ("zh-minutes", "例会什么时候开的？", "会议由行政助理吴倩记录。", True),
    (
        "zh-minutes",
        "例会什么时候开的？",
        "会议于 10 月 14 日下午 3 点召开，由运营总监林可主持。",
        False,
    ),
    (
        "zh-minutes",
        "例会什么时候开的？",
        "会议于 10 月 14 日上午 3 点半召开，由运营总监林可主持。",
        False,
    ),
    (
        "zh-minutes",
        "例会什么时候开的？",
        "下次例会定于 11 月 11 日下午 10 点，由副总监魏东主持。",
        False,
    ),
    (
        "zh-minutes",
        "例会什么时候开的？",
        "下次例会定于 11 月 11 日上午 10 点半，由副总监魏东主持。",
        False,
    ),
    ("zh-minutes", "网站改版由谁负责？", "网站改版由设计部黄一鸣负责，11 月 20 日前完成。", True),
    ("zh-minutes", "网站改版由谁负责？", "移动端由研发部郑凯负责，12 月 5 日前完成。", True),
    ("zh-minutes", "网站改版由谁负责？", "移动端由研发部郑楷负责，12 月 5 日前完成。", False),
    (
        "zh-minutes",
        "会议有哪些决定？",
        "客服部的回复时限拟从 24 小时缩短到 8 小时，先在上海试行两个月。",
        True,
    ),
    ("zh-minutes", "会议有哪些决定？", "快递公司的报价比现在高 15%。", True),
    (
        "zh-minutes",
        "会议有哪些决定？",
        "客服部的回复时限从 24 小时缩短到 8 小时，先在北京试行两个月。",
        False,
    ),
    ("zh-minutes", "会议有哪些决定？", "更换快递公司的建议没有通过。", True),
    ("zh-minutes", "会议有哪些决定？", "采购部冯洁认为应等到明年再议。", False),
    ("zh-minutes", "会议有哪些决定？", "财务部马洁认为应等到明年再议。", False),
    (
        "en-policy",
        "When does the mill open?",
        "The mill opens at 6 a.m. and closes at 9 p.m. from Monday to Friday.",
        True,
    ),
    (
        "en-policy",
        "When does the mill open?",
        "The mill opens at 6 p.m. and closes at 9 p.m. from Monday to Friday.",
        False,
    ),
    (
        "en-policy",
        "When does the mill open?",
        "The mill opens at 6 a.m. and closes at 9 a.m. from Monday to Friday.",
        False,
    ),
    (
        "en-policy",
        "When does the mill open?",
        "The office is staffed from 8:30 a.m. to 5 p.m., with a break of 40 minutes at noon.",
        True,
    ),
    (
        "en-policy",
        "What is refunded on trips?",
        "Meals are refunded up to 38 euros per day and hotels up to 140 euros per night.",
        True,
    ),
    (
        "en-policy",
        "What is refunded on trips?",
        "One's own car is refunded at 0.35 euros per kilometre.",
        True,
    ),
    (
        "en-policy",
        "What is refunded on trips?",
        "One's own car is refunded at 0.35 euros per mile.",
        False,
    ),
    (
        "en-policy",
        "What is refunded on trips?",
        "Claims above 2,000 euros are checked by Tomas Reyes and all others by Amara Okafor.",
        False,
    ),
    (
        "en-policy",
        "What are the rules in the weaving hall?",
        "Everyone who works at the looms must wear ear protection and should wear gloves.",
        True,
    ),
    (
        "en-policy",
        "What are the rules in the weaving hall?",
        "Visitors may enter the weaving hall only with a guide.",
        True,
    ),
    (
        "en-policy",
        "What are the rules in the weaving hall?",
        "Fire drills are held twice a year by an outside firm.",
        False,
    ),
    (
        "en-policy",
        "How is the bonus computed?",
        "The yearly bonus is at least 2% and at most 6% of the base pay and is paid in March.",
        True,
    ),
    (
        "en-policy",
        "How is the bonus computed?",
        "Whoever leaves before 1 April loses half of it.",
        True,
    ),
    (
        "en-policy",
        "How is the bonus computed?",
        "Whoever leaves before 1 April loses all of it.",
        False,
    ),
    (
        "en-contract",
        "What does the hosting cost?",
        "The monthly fee is 7,500 dollars and is raised by 3% each year.",
        True,
    ),
    (
        "en-contract",
        "What does the hosting cost?",
        "Halden Foods pays within 20 days of the invoice.",
        True,
    ),
    (
        "en-contract",
        "What does the hosting cost?",
        "The yearly fee is 7,500 dollars and is raised by 3% each year.",
        False,
    ),
    (
        "en-contract",
        "What does the hosting cost?",
        "The monthly fee is 7,500 dollars and is raised by 3% each month.",
        False,
    ),
    (
        "en-contract",
        "What does the hosting cost?",
        "Norvik Data pays within 20 days of the invoice.",
        False,
    ),
    (
        "en-contract",
        "What does the hosting cost?",
        "Halden Foods may suspend the service if an invoice is unpaid after 45 days.",
        False,
    ),
    (
        "en-contract",
        "How fast are incidents answered?",
        "Norvik Data answers critical incidents within 30 minutes and minor incidents within 2 working days.",
        True,
    ),
    (
        "en-contract",
        "How fast are incidents answered?",
        "Backups are made every night at 2 a.m. and kept for 14 weeks.",
        True,
    ),
    (
        "en-contract",
        "How fast are incidents answered?",
        "Backups are made every night at 2 p.m. and kept for 14 weeks.",
        False,
    ),
    (
        "en-contract",
        "What may Halden Foods do?",
        "Halden Foods may audit the data centre once a year with a notice of 10 days.",
        True,
    ),
    (
        "en-contract",
        "What may Halden Foods do?",
        "Either party may end the agreement with 90 days' notice.",
        True,
    ),
    (
        "en-contract",
        "What may Halden Foods do?",
        "Norvik Data may audit the data centre once a year with a notice of 10 days.",
        False,
    ),
    (
        "en-contract",
        "What may Halden Foods do?",
        "Only Halden Foods may end the agreement with 90 days' notice.",
        False,
    ),
    (
        "en-contract",
        "What does Article 3 say about 2 a.m.?",
        "Backups are made every night at 2 a.m.",
        True,
    ),
    (
        "en-contract",
        "What does Article 3 say about 2 a.m.?",
        "Backups are kept for 3 weeks.",
        False,
    ),
    (
        "en-minutes",
        "What did the board decide?",
        "The board approved the purchase of three electric trucks for 390,000 euros and rejected the lease of a second warehouse.",
        True,
    ),
    (
        "en-minutes",
        "What did the board decide?",
        "Daniel Voss proposed to close the depot in Lyon, and Ines Carvalho opposed it.",
        True,
    ),
    (
        "en-minutes",
        "What did the board decide?",
        "The board rejected the purchase of three electric trucks and approved the lease of a second warehouse.",
        False,
    ),
    (
        "en-minutes",
        "What did the board decide?",
        "Ines Carvalho proposed to close the depot in Lyon, and Daniel Voss opposed it.",
        False,
    ),
    (
        "en-minutes",
        "What did the board decide?",
        "Ines Carvalho will prepare the budget by 30 September, and Daniel Voss will negotiate with the supplier.",
        False,
    ),
    ("en-minutes", "What did the board decide?", "The costs of freight rose by 12%.", False),
    (
        "en-manual",
        "How are the Tern pumps cared for?",
        "The filter of the Tern 40 is cleaned weekly, that of the Tern 90 monthly.",
        True,
    ),
    (
        "en-manual",
        "How are the Tern pumps cared for?",
        "Oil is changed after the first 50 hours, then every 400 hours.",
        True,
    ),
    (
        "en-manual",
        "How are the Tern pumps cared for?",
        "Seals should be replaced after 2,000 hours and must be replaced after 3,000 hours.",
        True,
    ),
    (
        "zh-contract",
        "What is the monthly rent of the cold store?",
        "The monthly rent is 24,000 yuan and the deposit is three months' rent.",
        True,
    ),
    ("en-policy", "餐费每天最多报销多少？", "餐费每天最多报销 38 欧元。", True),
    ("en-policy", "餐费每天最多报销多少？", "餐费每天至少报销 38 欧元。", False),
]


@pytest.fixture(scope="module")
def material() -> dict[str, Material]:
    return {
        name: prepare(
            [
                passage(
                    text, title=title, document_id=name, language="zh" if name[:2] == "zh" else "en"
                )
            ]
        )
        for name, (title, text) in DOCUMENTS.items()
    }


@pytest.mark.parametrize(("document", "question", "statement", "true"), CASES)
def test_a_copy_with_one_word_changed_is_told_from_a_true_one(
    document: str, question: str, statement: str, true: bool, material: dict[str, Material]
) -> None:
    judge = Judge(material[document], question, detect_language(question))
    drafts = cut(statement)[1]
    assert all(judge.support(draft) for draft in drafts) == true
