/** What is said on the page of states, in the languages that the docs show. */

const en = {
  desk: "Puddle & Pine",
  greeting: "Hello, this is the front desk of **Puddle & Pine**. What can we do for you?",
  opener: "Between two sizes? Ask us, we have tried them all on.",
  starters: ["Where is my parcel?", "Which size of Skipper?", "Can you mend my zip?"],
  ask: "How long does delivery take?",
  answer: "Parcels take **2 to 4 working days**. You can choose:\n- standard, €4.90, free from €75\n- express, the next working day if you order by 13:00\n\nThe code `RAINYDAY` takes the shipping off your first order.",
  next: ["Do you ship to Norway?", "What if I am not at home?"],
  unclear: "my coat",
  clarify: "Gladly. What is it about?",
  choices: ["Repair my coat", "Which size to take", "Return a coat", "None of these"],
  care: "How do I wash waxed cotton?",
  quoted: "Brush the dry dirt off and wipe the coat with cold water and a sponge. **Never machine-wash it**: it takes the wax out.",
  sources: ["Caring for waxed cotton", "Re-waxing at home"],
  look: "This is the tear, can it be saved?",
  looked: "It can. Print the label and send it in, the repair takes about a week.",
  person: "I would rather talk to a person",
  passed: "I am passing this to a person. They read along and will answer here.",
  operator: "Ida",
  hello: "Ida here. I have your order in front of me, one moment.",
  waiting: ["Are you still there?", "Never mind, I found it. One more thing: do you have it in blue?"],
  thanks: "Thank you, that was quick!",
};

const ar = {
  desk: "متجر المطر والصنوبر",
  greeting: "مرحبًا بك في مكتب استقبال **متجر المطر والصنوبر**. كيف يمكننا مساعدتك؟",
  opener: "متردد بين مقاسين؟ اسألنا، لقد جرّبناها كلها.",
  starters: ["أين طردي؟", "أي مقاس يناسبني؟", "هل تصلحون السحّاب؟"],
  ask: "كم يستغرق التوصيل؟",
  answer: "يصل الطرد خلال **يومين إلى أربعة أيام عمل**. يمكنك الاختيار بين:\n- التوصيل العادي: 4.90 يورو، ومجانًا للطلبات فوق 75 يورو\n- التوصيل السريع: في يوم العمل التالي عند الطلب قبل 13:00",
  next: ["هل تشحنون إلى النرويج؟", "ماذا لو لم أكن في المنزل؟"],
  unclear: "معطفي",
  clarify: "بكل سرور. ما الموضوع؟",
  choices: ["إصلاح المعطف", "اختيار المقاس", "إرجاع معطف", "شيء آخر"],
  care: "كيف أغسل القطن المشمّع؟",
  quoted: "أزل الغبار الجاف بالفرشاة ثم امسح المعطف بالماء البارد. **لا تغسله في الغسالة أبدًا** لأنها تزيل الشمع.",
  sources: ["العناية بالقطن المشمّع", "إعادة التشميع في المنزل"],
  look: "هذا هو التمزق، هل يمكن إصلاحه؟",
  looked: "نعم، يمكن إصلاحه. اطبع الملصق وأرسل المعطف، ويستغرق الإصلاح نحو أسبوع.",
  person: "أفضّل التحدث إلى شخص",
  passed: "سأحوّل المحادثة إلى زميل. سيقرأ ما كتبته ويردّ عليك هنا.",
  operator: "ليلى",
  hello: "معك ليلى. طلبك أمامي الآن، لحظة من فضلك.",
  waiting: ["هل ما زلت هنا؟", "لا بأس، لقد وجدته. سؤال أخير: هل يتوفر بالأزرق؟"],
  thanks: "شكرًا، كان ذلك سريعًا!",
};

const zh = {
  desk: "栖川茶铺",
  greeting: "您好，这里是**栖川茶铺**。请问有什么可以帮您？",
  opener: "不知道怎么选茶？问问我们。",
  starters: ["我的包裹到哪了？", "新手适合喝什么茶？", "可以开发票吗？"],
  ask: "快递几天能到？",
  answer: "一般 **2 至 4 天**送达，您可以选择：\n- 标准快递：12 元，满 199 元包邮\n- 顺丰特快：13:00 前下单，次日送达\n\n首单使用优惠码 `CHUNCHA` 免运费。",
  next: ["可以寄到香港吗？", "收货时不在家怎么办？"],
  unclear: "茶壶",
  clarify: "好的，您想了解哪一方面？",
  choices: ["茶壶破损", "怎么养壶", "退换茶壶", "都不是"],
  care: "岩茶怎么存放？",
  quoted: "请密封后置于阴凉干燥处，避免阳光直射和异味。**不建议放入冰箱**，取出时容易受潮。",
  sources: ["茶叶的存放", "武夷岩茶入门"],
  look: "这是壶嘴的裂纹，能修吗？",
  looked: "可以修。请打印寄件单寄回，大约一周修好。",
  person: "我想找人工客服",
  passed: "已为您转接人工客服，客服会查看之前的对话并在这里回复您。",
  operator: "小林",
  hello: "您好，我是小林。正在查看您的订单，请稍等。",
  waiting: ["您还在吗？", "没事，我找到了。再问一下：有蓝色的吗？"],
  thanks: "谢谢，真快！",
};

/** Return the words for a language, English where there are none. */
export function wordsFor(locale) {
  return { ar, "zh-Hans": zh }[locale] ?? en;
}
