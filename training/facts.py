"""Words that the written documents are made of, each in both languages, and how facts are told.

Nothing here is true or from anywhere: makers, parts and numbers are drawn at random.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, Language]] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Pair:
    """The same in both languages."""

    zh: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


def pairs(text: str) -> tuple[Pair, ...]:
    """Of lines 'English = 中文'."""
    lines = [line.split(" = ") for line in text.strip().splitlines()]
    return tuple(Pair(zh.strip(), en.strip()) for en, zh in lines)


THINGS: Final = pairs(
    """pump = 水泵\nvalve = 阀门\nfan = 风机\ncompressor = 压缩机\nboiler = 锅炉\ngearbox = 减速箱\nconveyor = 输送机
    press = 压力机\ncrane = 起重机\ngenerator = 发电机\nheat exchanger = 换热器\nfilter = 过滤器\nmotor = 电机\nlathe = 车床
    kiln = 窑炉\nchiller = 冷水机\nmixer = 搅拌机\nforklift = 叉车\nscanner = 扫描仪\nprinter = 打印机\nserver = 服务器
    router = 路由器\ndoor lock = 门锁\nelevator = 电梯\nbattery pack = 电池组\nsensor = 传感器\ncontroller = 控制器"""
)
ATTRIBUTES: Final = pairs(
    """set pressure = 设定压力\nweight = 重量\ncapacity = 容量\nrated power = 额定功率\nmaximum speed = 最高转速
    operating temperature = 工作温度\ntightening torque = 拧紧力矩\nunit price = 单价\ninspection interval = 检查周期
    noise level = 噪声值\nwarranty period = 保修期\ndelivery time = 交货期\nfilling volume = 加注量\nstroke length = 行程
    flow rate = 流量\nsupply voltage = 供电电压\ncable length = 电缆长度\nbatch size = 批量"""
)
UNITS: Final = {
    "set pressure": Pair("巴", "bar"), "weight": Pair("千克", "kg"), "capacity": Pair("升", "litres"),
    "rated power": Pair("千瓦", "kW"), "maximum speed": Pair("转/分", "rpm"),
    "operating temperature": Pair("°C", "°C"), "tightening torque": Pair("Nm", "Nm"),
    "unit price": Pair("欧元", "euros"), "inspection interval": Pair("个月", "months"),
    "noise level": Pair("分贝", "dB"), "warranty period": Pair("年", "years"),
    "delivery time": Pair("天", "days"), "filling volume": Pair("升", "litres"),
    "stroke length": Pair("毫米", "mm"), "flow rate": Pair("升/分", "l/min"),
    "supply voltage": Pair("伏", "V"), "cable length": Pair("米", "m"), "batch size": Pair("件", "pieces"),
}  # fmt: skip
PLACES: Final = pairs(
    """north hall = 北厂房\nsouth hall = 南厂房\nwarehouse = 仓库\nlaboratory = 实验室\ncanteen = 食堂\nserver room = 机房
    loading bay = 装卸区\narchive = 档案室\nworkshop = 车间\npaint shop = 喷漆间\nreception = 前台\ncar park = 停车场
    training room = 培训室\ncontrol room = 控制室\nroof = 屋顶\nbasement = 地下室\ntest stand = 试验台\nclean room = 洁净室"""
)
TEAMS: Final = pairs(
    """purchasing = 采购部\nsales = 销售部\nmaintenance = 维修组\nquality control = 质检部\naccounting = 财务部\nlogistics = 物流部
    human resources = 人事部\nnight shift = 夜班\nresearch = 研发部\nsafety office = 安全科\nlegal department = 法务部
    customer service = 客服部\nIT support = 信息技术支持\nmarketing = 市场部"""
)
PEOPLE: Final = pairs(
    """Li Wei = 李伟\nWang Fang = 王芳\nZhang Min = 张敏\nChen Jing = 陈静\nLiu Yang = 刘洋\nZhao Lei = 赵磊\nSun Na = 孙娜
    Zhou Tao = 周涛\nWu Gang = 吴刚\nXu Li = 徐丽\nAnna Keller = 安娜·凯勒\nPeter Novak = 彼得·诺瓦克\nMaria Silva = 玛丽亚·席尔瓦
    Tom Baker = 汤姆·贝克\nIngrid Olsen = 英格丽·奥尔森\nPaul Martin = 保罗·马丁\nSofia Rossi = 索菲娅·罗西\nJan de Vries = 扬·德弗里斯"""
)
MAKERS: Final = tuple(
    "Acmon Beltra Corvex Delphin Erdal Fintor Gallex Helvor Inotec Jarvin Kestrel Lumax Morven Nordal Ostra Pelion "
    "Quorra Rhenus Solvik Tarkin Umbra Velox Wexford Xandor Yarrow Zenith Aurion Brevis Calyx Dorint".split()
)
ACTIONS: Final = pairs(
    """restart the controller = 重启控制器\nreplace the filter = 更换过滤器\ncheck the wiring = 检查接线\ncall the manufacturer = 联系厂家
    clean the sensor = 清洁传感器\ntop up the coolant = 补充冷却液\nlower the load = 降低负载\ntighten the belt = 张紧皮带
    reset the counter = 复位计数器\nopen the bypass = 打开旁通阀\nupdate the firmware = 更新固件\nreplace the fuse = 更换保险丝
    wait until it has cooled = 等待其冷却\nclose the cover = 关上护盖\nbleed the line = 给管路排气\nlubricate the bearing = 润滑轴承"""
)
FAULTS: Final = pairs(
    """motor overheated = 电机过热\nsupply voltage too low = 供电电压过低\nsensor signal lost = 传感器信号丢失\noil pressure too low = 油压过低
    door open = 门未关闭\nbelt slipping = 皮带打滑\ncoolant level low = 冷却液位低\nphase missing = 缺相\nmemory full = 内存已满
    communication error = 通信错误\nfilter clogged = 过滤器堵塞\nposition not reached = 未到达位置\nemergency stop pressed = 急停被按下
    battery empty = 电池耗尽\novercurrent = 过电流\nvibration too strong = 振动过大"""
)
DEEDS: Final = pairs(
    """smoke in the yard = 在院子里吸烟\nuse the goods lift = 使用货梯\ntake photographs = 拍照\nbring visitors = 带访客进入
    park overnight = 过夜停车\nwork from home on Fridays = 周五在家办公\nuse private laptops = 使用私人电脑\nwear open shoes = 穿露趾鞋
    store food in the laboratory = 在实验室存放食物\norder parts without approval = 未经批准订购零件\nbook first class = 预订头等舱
    open the cabinet under voltage = 带电打开机柜\ncarry over unused leave = 结转未用的年假\nuse an impact wrench = 使用冲击扳手"""
)
STEPS: Final = pairs(
    """switch off the main switch = 关闭总开关\nclose the inlet valve = 关闭进口阀\nlet the pressure drop to zero = 等压力降到零
    remove the cover = 取下护盖\ndrain the tank = 排空水箱\nnote the counter reading = 记录计数器读数\nhang up the warning sign = 挂上警示牌
    check the seal = 检查密封\nrinse with clean water = 用清水冲洗\nsign the log = 在日志上签字\nlock the cabinet = 锁好机柜
    inform the control room = 通知控制室\nwait ten minutes = 等待十分钟\nfasten the bolts crosswise = 对角拧紧螺栓"""
)
TASKS: Final = pairs(
    """shut down = 关闭\nstart up = 启动\nclean = 清洁\ncalibrate = 校准\nreplace = 更换\ninspect = 检查\ntransport = 运输\nstore = 存放"""
)
WEEKDAYS: Final = pairs(
    "Monday = 星期一\nTuesday = 星期二\nWednesday = 星期三\nThursday = 星期四\nFriday = 星期五\nSaturday = 星期六\nSunday = 星期日"
)
FILLER: Final = pairs(
    """All data were checked in spring. = 所有数据已在春季核对。
    Please report errors to the office. = 如发现错误请告知办公室。
    This page replaces the earlier notice. = 本页取代之前的通知。
    Details are kept in the archive. = 详细资料保存在档案室。
    The rules hold for all sites. = 本规定适用于所有地点。
    Questions are answered at reception. = 如有疑问请咨询前台。
    The figures are reviewed every year. = 数字每年复核一次。
    Photographs show the older design. = 照片所示为旧款。"""
)


def number(random: Random) -> str:
    """Of the sizes that documents hold."""
    kind = random.randrange(5)
    if kind == 0:
        return str(random.randint(2, 99))
    if kind == 1:
        return str(random.randint(100, 990))
    if kind == 2:
        return f"{random.randint(1, 60)}.{random.randint(1, 9)}"
    if kind == 3:
        return f"{random.randint(1, 9)},{random.randint(0, 999):03d}"
    return str(random.randint(1, 40) * 5)


def code(random: Random, style: int) -> str:
    """An identifier; those of one style look alike."""
    n = random.randint(1, 999)
    return (
        f"E{n:03d}",
        f"F-{n}",
        f"SV-{n % 100}",
        f"M-{100 + n % 900}",
        f"LM-{1000 + n}-{'ABCD'[n % 4]}",
    )[style % 5]


def clock(random: Random) -> str:
    """A time of day."""
    return f"{random.randint(5, 22):02d}:{random.choice(('00', '15', '30', '45'))}"


def version(random: Random) -> str:
    """Such as 2.13."""
    return f"{random.randint(1, 9)}.{random.randint(0, 19)}"


def several(random: Random, made: Callable[[Random], str], count: int) -> list[str]:
    """`count` different results of `made`, a function of Random."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[made(random)] = None
    return list(found)
