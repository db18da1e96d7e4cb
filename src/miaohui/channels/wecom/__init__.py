"""How do people in WeChat write to a company through WeCom's customer service (微信客服), and who has the session?"""
