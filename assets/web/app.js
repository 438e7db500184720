"use strict";(()=>{var P,pr,wn,Ie,yn,It,mr,Mt,fr,xn,vn,gr,at=Symbol.for("pv"),Dt={},Ot=[],ni=/^m(i|n|o|s|text|space)$/,Lt=Array.isArray,Sn=Ot.slice,Be=Object.assign;function Ke(e){e&&e.parentNode&&e.remove()}function ut(e,t,r){var o,s,i,a={},u=arguments.length;for(i in t)i=="key"?o=t[i]:i=="ref"&&typeof e!="function"?s=t[i]:a[i]=t[i];return u>2&&(a.children=u>3?Sn.call(arguments,2):r),it(e,a,o,s,null)}function it(e,t,r,o,s){var i={type:e,props:t,key:r,ref:o,__k:null,__:null,__b:0,__e:null,__c:null,constructor:at,__v:s||++pr,__i:-1,__u:0};return!s&&P.vnode&&P.vnode(i),i}function v(e){return e.children}function xe(e,t){this.props=e,this.context=t,this.__g=0}function De(e,t){if(t==null)return e.__&&De(e.__,e.__i+1);for(var r;t<e.__k.length;t++)if((r=e.__k[t])&&r.__e)return r.__e;return typeof e.type!="function"||e.props.__P?null:De(e)}function ri(e){var t,r=e.__v,o=r.__e,s=[],i=[],a=e.__P;a&&((t=Be({constructor:at},r)).__v=r.__v+1,P.vnode&&P.vnode(t),En(a,t,r,e.__n,a.namespaceURI,32&r.__u?[o]:null,s,o||De(r),32&r.__u,i),t.__v=r.__v,t.__.__k[t.__i]=t,wr(s,t,i),r.__=r.__e=null,t.__e!=o&&hr(t))}function hr(e){if((e=e.__)&&e.__c&&!e.props.__P)return e.__e=null,e.__k.some(function(t){return t&&(e.__e=t.__e)}),hr(e)}function _n(e){(8&e.__g||(e.__g|=8,Ie.push(e),It++))&&yn==P.debounceRendering||((yn=P.debounceRendering)||queueMicrotask)(br)}function br(){try{for(var e,t=1;Ie.length;)Ie.length>t&&Ie.sort(mr),e=Ie.shift(),t=Ie.length,8&e.__g&&ri(e)}finally{(It=Ie.length)&&(yn||queueMicrotask)(br)}}function yr(e,t,r,o,s,i,a,u,l,c,d){var f,m,p,h,b,y,S=o.__k||Ot,_=t.length;for(l=oi(r,t,S,l,_),f=0;f<_;f++)(p=r.__k[f])!=null&&(m=~p.__i&&S[p.__i]||Dt,p.__i=f,y=En(e,p,m,s,i,a,u,l,c,d),h=p.__e,(m.ref!=p.ref||8&m.__u)&&(m.ref&&An(m.ref,null,p,m),p.ref&&d.push(p.ref,p.__c||h,p)),b=b||h,4&p.__u?(l=vr(p,l,e,!m.__v),m.__e&&(m.__e=null)):typeof p.type=="function"&&y!==void 0?l=y:h&&(l=h.nextSibling),p.__u&=-21);return r.__e=b,l}function oi(e,t,r,o,s){var i,a,u,l,c,d,f,m,p,h=r.length,b=h,y=0,S=0,_=e.__k=Array(s);for(i=0;i<s;i++)(a=t[i])!=null&&typeof a!="boolean"&&typeof a!="function"?(typeof a!="object"||a.constructor===String?a=_[i]=it(null,a):Lt(a)?a=_[i]=it(v,{children:a}):a.constructor===at&&a.__b?a=_[i]=it(a.type,a.props,a.key,a.ref,a.__v):_[i]=a,l=i+y,a.__=e,a.__b=e.__b+1,u=null,~(c=a.__i=si(a,r,l,b))&&(b--,(u=r[c])&&(u.__u|=2)),u&&u.__v?(a.__u|=16,c==l-1?y--:c==l+1?y++:c!=l&&(c>l?y--:y++,S=1)):(~c||(s>h?y--:s<h&&y++),typeof a.type!="function"&&(a.__u|=4))):_[i]=null;if(S){for(d=[],f=[],i=0;i<s;i++)if((a=_[i])&&16&a.__u){for(y=0,m=d.length;y<m;)d[p=y+m>>1]<a.__i?y=p+1:m=p;d[y]=a.__i,f[i]=y+1}for(y=d.length;i--;)f[i]&&(f[i]==y?y--:_[i].__u|=4)}if(b)for(i=0;i<h;i++)!(u=r[i])||2&u.__u||(u.__e==o&&(o=De(u)),Pn(u,u));return o}function vr(e,t,r,o){var s,i,a,u;if(typeof e.type=="function"){if(e.props.__P)return t;if(s=e.__k)for(i=0;i<s.length;i++)s[i]&&(s[i].__=e,t=vr(s[i],t,r,!1));return t}for(t&&!t.parentNode&&(t=De(e))&&!t.parentNode&&(t=null),a=e.__e,u=t;u&&u.nodeType==8;)u=u.nextSibling;for(a!=u&&(!o&&r.moveBefore&&a.parentNode?r.moveBefore(a,t):r.insertBefore(a,t||null)),t=a;(t=t&&t.nextSibling)&&t.nodeType==8&&!t.data.startsWith("$s"););return t}function Nn(e,t){return t=t||[],e!=null&&typeof e!="boolean"&&(Lt(e)?e.some(function(r){Nn(r,t)}):t.push(e)),t}function si(e,t,r,o){var s,i=e.key,a=e.type,u=t[r],l=u&&!(2&u.__u);if(u===null&&i==null||l&&i==u.key&&a==u.type)return r;if(o>(l?1:0)){for(s=r-1;s>=0;s--)if((u=t[s])&&!(2&u.__u)&&i==u.key&&a==u.type)return s;for(s=r+1;s<t.length;s++)if((u=t[s])&&!(2&u.__u)&&i==u.key&&a==u.type)return s}return-1}function dr(e,t,r){r==null&&(r=""),t[0]=="-"?e.setProperty(t,r):e[t]=r}function Rt(e,t,r,o,s){var i,a;if(t=="style")if(typeof r=="string")e.style.cssText=r;else{if(typeof o=="string"&&(e.style.cssText=o=""),o)for(t in o)r&&t in r||dr(e.style,t);if(r)for(t in r)o&&r[t]==o[t]||dr(e.style,t,r[t])}else if(t[0]=="o"&&t[1]=="n")typeof r!="function"&&(r=null),typeof o!="function"&&(o=null),(e.__e||(e.__e={}))[t]=r,r&&o||(a=vn[t]||(vn[t]=ii(t)),(e.__a||(e.__a={}))[t]=xn,i=t!=(t=t.replace(fr,"$1")),(t=t.slice(2))[0]<"a"&&(t=t.toLowerCase()),r?e.addEventListener(t,a,i):e.removeEventListener(t,a,i));else{if(s=="http://www.w3.org/2000/svg")t=t.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(t!="width"&&t!="height"&&t!="href"&&t!="list"&&t!="form"&&t!="tabIndex"&&t!="download"&&t!="rowSpan"&&t!="colSpan"&&t!="role"&&t!="popover"&&t in e)try{return void(e[t]=r??"")}catch{}if(typeof r=="function")return;r==null||r===!1&&t[4]!="-"?e.removeAttribute(t):e.setAttribute(t,t=="popover"&&r==1?"":r)}}function ii(e){return function(t){var r=this.__e;if(r){if(r=r[e],t[Mt]==null)t[Mt]=xn++;else if(t[Mt]<this.__a[e])return;return r(P.event?P.event(t):t)}}}function En(e,t,r,o,s,i,a,u,l,c){var d,f,m,p,h,b,y,S,_,A,D,ye,ve,Te,ae,Fe,_e,we,de=t.type;if(t.constructor!==at)return null;128&r.__u&&(l=32&r.__u,d=r.__c.__z)&&(t.__u|=l,f=i=[],d.nodeType==8?u=Tt(d,i):i.push(d),u=i[0]||u),(d=P.__b)&&d(t);e:if(typeof de=="function"){m=a.length;try{if(S=t.props,_=(d=de.prototype)&&d.render,A=(d=de.contextType)&&o[d.__c],D=d?A?A.props.value:d.__:o,(p=r.__c)?(t.__c=p,2&p.__g&&(p.__g|=1)):(_?t.__c=p=new de(S,D):(t.__c=p=new xe(S,D),p.constructor=de,p.render=ui),A&&A.sub(p),p.state||(p.state={}),p.__n=o,p.__g|=8,p.__h=[],p.__k=[]),_&&(p.__s||(p.__s=p.state),de.getDerivedStateFromProps&&(p.__s==p.state&&(p.__s=Be({},p.__s)),Be(p.__s,de.getDerivedStateFromProps(S,p.__s)))),h=p.props,b=p.state,p.__v=t,r.__c){if(S!==h&&_&&!de.getDerivedStateFromProps&&p.componentWillReceiveProps&&p.componentWillReceiveProps(S,D),t.__v==r.__v&&!(8&p.__g)||!(4&p.__g)&&p.shouldComponentUpdate&&p.shouldComponentUpdate(S,p.__s,D)===!1){t.__v!=r.__v&&(p.props=S,p.state=p.__s,p.__g&=-9),t.__e=r.__e,t.__k=r.__k,t.__k.some(function(te){te&&(te.__=t)}),Ot.push.apply(p.__h,p.__k),p.__k=[],p.__h.length&&a.push(p),u=De(r);break e}p.componentWillUpdate&&p.componentWillUpdate(S,p.__s,D),_&&p.componentDidUpdate&&p.__h.push(function(){p.componentDidUpdate(h,b,y)})}else _&&!de.getDerivedStateFromProps&&p.componentWillMount&&p.componentWillMount(),_&&p.componentDidMount&&p.__h.push(p.componentDidMount);p.context=D,p.props=S,p.__P=e,p.__g&=-5,ye=P.__r,ve=_?25:0;do p.__g&=-9,ye&&ye(t),d=p.render(p.props,p.state=p.__s,p.context);while(8&p.__g&&++ve<25);_&&(Ot.push.apply(p.__h,p.__k),p.__k=[]),p.state=p.__s,p.getChildContext&&(o=Be({},o,p.getChildContext())),_&&r.__c&&p.getSnapshotBeforeUpdate&&(y=p.getSnapshotBeforeUpdate(h,b)),Te=d&&d.type===v&&d.key==null?d.props.children:d,S.__P&&(d=u,s=(e=S.__P).namespaceURI,l=i=null,r.props&&r.props.__P!=e&&(r.__k.some(function(te){te&&Pn(te,te)}),r.__k=null),u=r.__k?De(r,0):null),u=yr(e,Lt(Te)?Te:[Te],t,r,o,s,i,a,u,l,c),S.__P&&(t.__e=null,u=d),t.__u&=-161,f&&f.some(Ke),p.__h.length&&a.push(p),1&p.__g&&(p.__g&=-4)}catch(te){if(a.length=m,t.__v=null,l||i)if(te&&te.then){if(t.__u|=128|l,i){for(~(_e=i.indexOf(u||void 0))||(_e=i.length);(we=i[_e-1])&&we.nodeType==8;)_e--;for(;_e<i.length;_e++)if(we=i[_e])if(i[_e]=null,ae){if(we==Fe)break}else{if(we.nodeType!=8)break;we.data.startsWith("$s")&&(Fe=Tt(ae=we))}}if(!ae){for(;u&&u.nodeType==8&&u.nextSibling;)u=u.nextSibling;ae=u}(d=Tt(ae=t.__c.__z||(t.__c.__z=ae)))?(t.__e=ae,u=d):t.__e=u,u=u&&u.nextSibling}else i&&i.some(Ke);else t.__e=r.__e;t.__k||(t.__k=r.__k||[]),te&&te.then||_r(t),P.__e(te,t,r)}}else u=t.__e=ai(r.__e,t,r,o,s,i,a,l,c,e);return(d=P.diffed)&&d(t),u}function Tt(e,t){if(e&&e.nodeType==8&&e.data.startsWith("$s"))for(var r=1;e=e.nextSibling;){if(e.nodeType==8){if(e.data.startsWith("$s"))r++;else if(e.data.startsWith("/$s")&&!--r)return e}t&&t.push(e)}}function _r(e){e&&(e.__c&&(e.__c.__g|=4),e.__k&&e.__k.some(_r))}function wr(e,t,r){for(var o=0;o<r.length;)An(r[o++],r[o++],r[o++]);P.__c&&P.__c(t,e),e.some(function(s){try{e=s.__h,s.__h=[],e.some(function(i){i.call(s)})}catch(i){P.__e(i,s.__v)}})}function ai(e,t,r,o,s,i,a,u,l,c){var d,f,m,p,h,b,y,S,_=r.props||Dt,A=t.props,D=t.type;if(D=="svg"?s="http://www.w3.org/2000/svg":D=="math"?s="http://www.w3.org/1998/Math/MathML":s||(s="http://www.w3.org/1999/xhtml"),i){for(d=0;d<i.length;d++)if((h=i[d])&&(D?h.localName==D:h.nodeType==3)){e=h,i[d]=null;break}}if(!e){if(S=c.ownerDocument||document,!D)return S.createTextNode(A);e=S.createElementNS(s,D,A.is?A:c),u&&(P.__m&&P.__m(t,i),u=!1),i=null}if(D){if(c=D=="template"&&e.content||e,i=D=="textarea"&&A.defaultValue!=null?null:i&&Sn.call(c.childNodes),!u&&i)for(_={},d=0;d<e.attributes.length;d++)_[(h=e.attributes[d]).name]=h.value;for(d in _)h=_[d],d=="dangerouslySetInnerHTML"?m=h:d=="children"||d in A||d=="value"&&"defaultValue"in A||d=="checked"&&"defaultChecked"in A||Rt(e,d,null,h,s);for(d in A)h=A[d],d=="children"?p=h:d=="dangerouslySetInnerHTML"?f=h:d=="value"?b=h:d=="checked"?y=h:u&&typeof h!="function"||_[d]===h||Rt(e,d,h,_[d],s);f?(u||m&&(f.__html==m.__html||f.__html==e.innerHTML)||(e.innerHTML=f.__html),t.__k=[]):(m&&(e.textContent=""),(D=="foreignObject"||s=="http://www.w3.org/1998/Math/MathML"&&ni.test(D))&&(s="http://www.w3.org/1999/xhtml"),yr(c,Lt(p)?p:[p],t,r,o,s,i,a,i?i[0]:r.__k&&De(r,0),u,l),i&&i.some(Ke)),u&&D!="textarea"||(d="value",D=="progress"&&b==null?e.removeAttribute(d):b==null||b===e[d]&&(D!="progress"||b)||Rt(e,d,b,_[d],s),d="checked",y!=null&&y!=e[d]&&Rt(e,d,y,_[d],s))}else _===A||u&&e.data==A||(e.data=A);return e}function An(e,t,r,o){try{typeof e=="function"?t?t.__x=e(t)||1:o&&(o=o.__c||o.__e)&&(t=o.__x)&&(o.__x=null,typeof t=="function"?t():e(null)):e.current=t}catch(s){P.__e(s,r)}}function Pn(e,t,r){var o,s,i,a;if(P.unmount&&P.unmount(e),!(o=e.ref)||o.current&&o.current!=e.__e||An(o,null,t,e),o=e.__c){if(o.componentWillUnmount)try{o.componentWillUnmount()}catch(u){P.__e(u,t)}o.__P=o.__n=null}if(o=e.__k)for(a=0;a<o.length;a++)o[a]&&Pn(o[a],t,typeof e.type!="function"||r&&!e.props.__P);!r&&(o=e.__c)&&(o=o.__z)&&(s=Tt(o,i=[]))&&(o==e.__e&&i.some(Ke),Ke(s),Ke(o)),r||Ke(e.__e),e.__e=e.__c=e.__=null}function ui(e,t,r){return this.constructor(e,r)}function kn(e,t){var r,o,s,i;P.__&&P.__(e,t),t.nodeType==9&&(t=t.documentElement),o=(r=e&&32&e.__u)?null:t.__k,t.__k=it(v,{children:[e]}),s=[],i=[],En(t,t.__k,o||Dt,Dt,t.namespaceURI,o?null:t.firstChild?Sn.call(t.childNodes):null,s,o?o.__e:t.firstChild,r,i),wr(s,t.__k,i),t.__k.props.children=null}function $t(e){function t(r){var o,s;return this.getChildContext||(o=new Set,(s={})[t.__c]=this,this.getChildContext=function(){return s},this.shouldComponentUpdate=function(i){this.props.value!=i.value&&o.forEach(function(a){a.__g|=4,_n(a)})},this.sub=function(i){o.add(i);var a=i.componentWillUnmount;i.componentWillUnmount=function(){o.delete(i),a&&a.call(i)}}),r.children}return t.__c="__cC"+gr++,t.__=e,t.Provider=(t.Consumer=function(r,o){return r.children(o)}).contextType=t,t}P={__e:function(e,t,r,o){for(var s,i,a;t=t.__;)if((s=t.__c)&&!(1&s.__g)){s.__g|=4;try{if((a=(i=s.constructor)&&i.getDerivedStateFromError)&&s.setState(i.getDerivedStateFromError(e)),s.componentDidCatch&&(s.componentDidCatch(e,o||{}),a=1),a&&8&s.__g)return void(s.__g|=2)}catch(u){e=u}}throw It=0,e}},pr=0,wn=function(e){return e!=null&&e.constructor===at},xe.prototype.setState=function(e,t){var r=this.__s;r&&r!=this.state||(r=this.__s=Be({},this.state)),typeof e=="function"&&(e=e(Be({},r),this.props)),e&&(Be(r,e),this.__v&&(t&&this.__k.push(t),_n(this)))},xe.prototype.forceUpdate=function(e){this.__v&&(this.__g|=4,e&&this.__h.push(e),_n(this))},xe.prototype.render=v,Ie=[],It=0,mr=function(e,t){return e.__v.__b-t.__v.__b},Mt=Symbol(),fr=/(PointerCapture)$|Capture$/i,xn=0,vn={},gr=0;var We,F,Cn,xr,Rn=Object.is,ct=0,Mr=[],Mn=[],q=P,Sr=q.__b,Nr=q.__r,Er=q.diffed,Ar=q.__c,Pr=q.unmount,kr=q.__;function dt(e,t){q.__h&&q.__h(F,e,ct||t),ct=0;var r=F.__H||(F.__H={__:[],__h:[]});return e>=r.__.length&&r.__.push({}),r.__[e]}function g(e){return ct=1,Tr(Dr,e)}function Tr(e,t,r){var o=dt(We++,2);if(o.t=e,!o.__c&&(o.__=[r?r(t):Dr(void 0,t),function(i){var a=(o.__N||o.__)[0],u=o.t(a,i);Rn(a,u)||(o.__N=[u,o.__[1]],o.__c.setState({}))}],o.__c=F,!F.__f)){F.__f=!0;var s=F.shouldComponentUpdate;F.shouldComponentUpdate=function(i,a,u){var l=this.__H;if(!l)return!0;var c=!1,d=this.props!=i;if(l.__.some(function(m){m.__N&&(c=!0,Rn(m.__[0],m.__N[0])||(d=!0))}),s){var f=s.call(this,i,a,u);return c?f||d:f}return!c||d}}return o.__}function Z(e,t){var r=dt(We++,3);!q.__s&&Ir(r.__H,t)&&(r.__P=!0,r.__=e,r.u=t,F.__H.__h.push(r))}function ze(e){return ct=5,Oe(function(){return{current:e}},[])}function Oe(e,t){var r=dt(We++,7);return Ir(r.__H,t)&&(r.__=e(),r.__H=t),r.__}function pt(e,t){return ct=8,Oe(function(){return e},t)}function In(e){var t=F.context[e.__c],r=dt(We++,9);return r.c=e,t?(r.__==null&&(r.__=!0,t.sub(F)),t.props.value):e.__}function mt(){var e=dt(We++,11);if(!e.__){for(var t=F.__v;!t.__m&&t.__;)t=t.__;var r=t.__m||(t.__m=[0,0]);e.__="P"+r[0]+"-"+r[1]++}return e.__}function li(){var e;do{for(;e=Mn.shift();)try{lt(e)}catch(r){q.__e(r,{__:(e=e.__P)&&e.__v})}for(;e=Mr.shift();){var t=e.__H;if(e.__P&&t)try{t.__h.some(lt),t.__h.some(Tn),t.__h=[]}catch(r){t.__h=[],q.__e(r,e.__v)}}}while(Mn.length)}q.__b=function(e){F=null,Sr&&Sr(e)},q.__=function(e,t){e&&t.__k&&t.__k.__m&&(e.__m=t.__k.__m),kr&&kr(e,t)},q.__r=function(e){Nr&&Nr(e),We=0;var t=(F=e.__c).__H;t&&(Cn==F?F.__h=[]:(t.__h.some(lt),t.__h.some(Tn),We=0),t.__h=[],t.__.some(function(r){r.__N&&(r.__=r.__N),r.u=r.__N=void 0})),Cn=F},q.diffed=function(e){Er&&Er(e);var t=e.__c;t&&t.__H&&(t.__H.__h.length&&Rr(Mr.push(t)),t.__H.__.some(function(r){r.u&&(r.__H=r.u)})),Cn=F=null},q.__c=function(e,t){t.some(function(r){try{r.__h.some(lt),r.__h=r.__h.filter(function(o){return!o.__||Tn(o)})}catch(o){r.__h=[function(){throw o}]}}),Ar&&Ar(e,t)},q.unmount=function(e){Pr&&Pr(e);var t,r,o=e.__c;o&&o.__H&&(o.__H.__.some(function(s){try{if(s.__P&&s.__c){if(r===void 0){for(r=e.__;r&&(!r.__c||!r.__c.__P);)r=r.__;r=r&&r.__c}s.__P=r,Rr(Mn.push(s))}else lt(s)}catch(i){t=i}}),o.__H=void 0,t&&q.__e(t,o.__v))};var Cr=typeof requestAnimationFrame=="function";function ci(e){var t,r=function(){clearTimeout(o),Cr&&cancelAnimationFrame(t),setTimeout(e)},o=setTimeout(r,35);Cr&&(t=requestAnimationFrame(r))}function Rr(e){e!=1&&xr==q.requestAnimationFrame||((xr=q.requestAnimationFrame)||ci)(li)}function lt(e){var t=F,r=e.__c;typeof r=="function"&&(e.__c=void 0,r()),F=t}function Tn(e){var t=F;e.__c=e.__(),F=t}function Ir(e,t){return!e||e.length!=t.length||t.some(function(r,o){return!Rn(r,e[o])})}function Dr(e,t){return typeof t=="function"?t(e):t}var di=Symbol.for("preact-signals");function Kt(){if(Ce>1)Ce--;else{var e,t=!1;for((function(){var s=Vt;for(Vt=void 0;s!==void 0;){var i=s.S;if(i.v===s.v)for(var a=i.t;a!==void 0;a=a.x)a.i===s.i&&(a.i=i.i);s=s.o}})();gt!==void 0;){var r=gt;for(gt=void 0,Ut++;r!==void 0;){var o=r.u;if(r.u=void 0,r.f&=-3,!(8&r.f)&&Lr(r))try{r.c()}catch(s){t||(e=s,t=!0)}r=o}}if(Ut=0,Ce--,t)throw e}}function Le(e){if(Ce>0)return e();Dn=++pi,Ce++;try{return e()}finally{Kt()}}var ft,$=void 0;function ht(e){var t=$,r=ft;$=void 0,ft=void 0;try{return e()}finally{$=t,ft=r}}var gt=void 0,Ce=0,Ut=0,pi=0,Dn=0,Vt=void 0,Ft=0;function Or(e){if($!==void 0){var t=e.n;if(t===void 0||t.t!==$)return t={i:0,S:e,p:$.s,n:void 0,t:$,e:void 0,x:void 0,r:t},$.s!==void 0&&($.s.n=t),$.s=t,e.n=t,32&$.f&&e.S(t),t;if(t.i===-1)return t.i=0,t.n!==void 0&&(t.n.p=t.p,t.p!==void 0&&(t.p.n=t.n),t.p=$.s,t.n=void 0,$.s.n=t,$.s=t),t}}function G(e,t){this.v=e,this.i=0,this.n=void 0,this.t=void 0,this.l=0,this.W=t?.watched,this.Z=t?.unwatched,this.name=t?.name}G.prototype.brand=di;G.prototype.h=function(){return!0};G.prototype.S=function(e){var t=this,r=this.t;r!==e&&e.e===void 0&&(e.x=r,this.t=e,r!==void 0?r.e=e:ht(function(){var o;(o=t.W)==null||o.call(t)}))};G.prototype.U=function(e){var t=this;if(this.t!==void 0){var r=e.e,o=e.x;r!==void 0&&(r.x=o,e.e=void 0),o!==void 0&&(o.e=r,e.x=void 0),e===this.t&&(this.t=o,o===void 0&&ht(function(){var s;(s=t.Z)==null||s.call(t)}))}};G.prototype.subscribe=function(e){var t=this;return pe(function(){var r=t.value;ht(function(){return e(r)})},{name:"sub"})};G.prototype.valueOf=function(){return this.value};G.prototype.toString=function(){return this.value+""};G.prototype.toJSON=function(){return this.value};G.prototype.peek=function(){var e=this;return ht(function(){return e.value})};Object.defineProperty(G.prototype,"value",{get:function(){var e=Or(this);return e!==void 0&&(e.i=this.i),this.v},set:function(e){if(e!==this.v){if(Ut>100)throw new Error("Cycle detected");(function(r){Ce!==0&&Ut===0&&r.l!==Dn&&(r.l=Dn,Vt={S:r,v:r.v,i:r.i,o:Vt})})(this),this.v=e,this.i++,Ft++,Ce++;try{for(var t=this.t;t!==void 0;t=t.x)t.t.N()}finally{Kt()}}}});function L(e,t){return new G(e,t)}function Lr(e){for(var t=e.s;t!==void 0;t=t.n)if(t.S.i!==t.i||!t.S.h()||t.S.i!==t.i)return!0;return!1}function $r(e){for(var t=e.s;t!==void 0;t=t.n){var r=t.S.n;if(r!==void 0&&(t.r=r),t.S.n=t,t.i=-1,t.n===void 0){e.s=t;break}}}function Ur(e){for(var t=e.s,r=void 0;t!==void 0;){var o=t.p;t.i===-1?(t.S.U(t),o!==void 0&&(o.n=t.n),t.n!==void 0&&(t.n.p=o)):r=t,t.S.n=t.r,t.r!==void 0&&(t.r=void 0),t=o}e.s=r}function qe(e,t){G.call(this,void 0,t),this.x=e,this.s=void 0,this.g=Ft-1,this.f=4}qe.prototype=new G;qe.prototype.h=function(){if(this.f&=-3,1&this.f)return!1;if((36&this.f)==32||(this.f&=-5,this.g===Ft))return!0;if(this.g=Ft,this.f|=1,this.i>0&&!Lr(this))return this.f&=-2,!0;var e=$;try{$r(this),$=this;var t=this.x();(16&this.f||this.v!==t||this.i===0)&&(this.v=t,this.f&=-17,this.i++)}catch(r){this.v=r,this.f|=16,this.i++}return $=e,Ur(this),this.f&=-2,!0};qe.prototype.S=function(e){if(this.t===void 0){this.f|=36;for(var t=this.s;t!==void 0;t=t.n)t.S.S(t)}G.prototype.S.call(this,e)};qe.prototype.U=function(e){if(this.t!==void 0&&(G.prototype.U.call(this,e),this.t===void 0)){this.f&=-33;for(var t=this.s;t!==void 0;t=t.n)t.S.U(t)}};qe.prototype.N=function(){if(!(2&this.f)){this.f|=6;for(var e=this.t;e!==void 0;e=e.x)e.t.N()}};Object.defineProperty(qe.prototype,"value",{get:function(){if(1&this.f)throw new Error("Cycle detected");var e=Or(this);if(this.h(),e!==void 0&&(e.i=this.i),16&this.f)throw this.v;return this.v}});function ue(e,t){return new qe(e,t)}function Vr(e){var t=e.j;if(e.j=void 0,typeof t=="function"){Ce++;var r=$;$=void 0;try{t()}catch(o){throw e.f&=-2,e.f|=8,On(e),o}finally{$=r,Kt()}}}function On(e){for(var t=e.s;t!==void 0;t=t.n)t.S.U(t);e.x=void 0,e.s=void 0,Vr(e)}function mi(e){if($!==this)throw new Error("Out-of-order effect");Ur(this),$=e,this.f&=-2;try{8&this.f&&On(this)}finally{Kt()}}function Je(e,t){this.x=e,this.j=void 0,this.s=void 0,this.u=void 0,this.f=32,this.name=t?.name,ft&&ft.push(this)}Je.prototype.c=function(){var e=this.S();try{if(8&this.f||this.x===void 0)return;var t=this.x();typeof t=="function"&&(this.j=t)}finally{e()}};Je.prototype.S=function(){if(1&this.f)throw new Error("Cycle detected");this.f|=1,this.f&=-9,Vr(this),$r(this),Ce++;var e=$;return $=this,mi.bind(this,e)};Je.prototype.N=function(){2&this.f||(this.f|=2,this.u=gt,gt=this)};Je.prototype.d=function(){this.f|=8,1&this.f||On(this)};Je.prototype.dispose=function(){this.d()};function pe(e,t){var r=new Je(e,t);try{r.c()}catch(s){throw r.d(),s}var o=r.d.bind(r);return o[Symbol.dispose]=o,o}var Fr,Wt,Bt,fi=typeof window<"u"&&!!window.__PREACT_SIGNALS_DEVTOOLS__;var Kr=[];pe(function(){Fr=this.N})();function Xe(e,t){P[e]=t.bind(null,P[e]||function(){})}function bt(e){if(Bt){var t=Bt;Bt=void 0,t()}Bt=e&&e.S()}function Br(e){var t=this,r=e.data,o=hi(r);o.name="ReactiveDom",o.value=r;var s=Oe(function(){for(var u=t,l=t.__v;l=l.__;)if(l.__c){l.__c.__$f|=4;break}var c=ue(function(){var p=o.value.value;return p===0?0:p===!0?"":p||""}),d=ue(function(){return!Array.isArray(c.value)&&!wn(c.value)}),f=pe(function(){if(this.N=Wr,d.value){var p=c.value;u.__v&&u.__v.__e&&u.__v.__e.nodeType===3&&(u.__v.__e.data=p)}}),m=t.__$u.d;return t.__$u.d=function(){f(),m.call(this)},[d,c]},[]),i=s[0],a=s[1];return i.value?a.peek():a.value}Br.displayName="ReactiveTextNode";Object.defineProperties(G.prototype,{constructor:{configurable:!0,value:ut(v,null).constructor},type:{configurable:!0,value:Br},props:{configurable:!0,get:function(){var e=this;return{data:{get value(){return e.value}}}}},__b:{configurable:!0,value:1}});Xe("__b",function(e,t){if(bt(),Wt=void 0,typeof t.type=="string"){var r,o=t.props;for(var s in o)if(s!=="children"){var i=o[s];i instanceof G&&(r||(t.__np=r={}),r[s]=i,o[s]=i.peek())}}e(t)});Xe("__r",function(e,t){if(e(t),t.type!==v){bt();var r,o=t.__c;o&&(o.__$f&=-2,(r=o.__$u)===void 0&&(o.__$u=r=(function(s,i){var a;return pe(function(){a=this},{name:i}),a.c=s,a})((function(s){return function(){var i;fi&&((i=this.y)==null||i.call(this)),s.__$f|=1,s.setState({})}})(o),typeof t.type=="function"?t.type.displayName||t.type.name:""))),Wt=o,bt(r)}});Xe("__e",function(e,t,r,o){bt(),Wt=void 0,e(t,r,o)});Xe("diffed",function(e,t){bt(),Wt=void 0;var r;if(typeof t.type=="string"&&(r=t.__e)){var o=t.__np,s=t.props,i=r.U;if(i)for(var a in i){var u=i[a];u===void 0||o&&a in o||(u.d(),i[a]=void 0)}if(o){i||(i={},r.U=i);for(var l in o){var c=i[l],d=o[l];c===void 0?(c=gi(r,l,d,s),i[l]=c):c.o(d,s)}}}e(t)});function gi(e,t,r,o){var s=t in e&&e.ownerSVGElement===void 0,i=L(r);return{o:function(a,u){i.value=a,o=u},d:pe(function(){this.N=Wr;var a=i.value.value;o[t]!==a&&(o[t]=a,s?e[t]=a:a!=null&&(a!==!1||t[4]==="-")?e.setAttribute(t,a):e.removeAttribute(t))})}}Xe("unmount",function(e,t){if(typeof t.type=="string"){var r=t.__e;if(r){var o=r.U;if(o){r.U=void 0;for(var s in o){var i=o[s];i&&i.d()}}}var a=t.__np;if(a){var u=t.props;for(var l in a)u[l]=a[l]}t.__np=void 0}else{var c=t.__c;if(c){c.__$f|=8;var d=c.__$u;d&&(c.__$u=void 0,d.d())}}e(t)});Xe("__h",function(e,t,r,o){o<3&&(t.__$f|=2),e(t,r,o)});xe.prototype.shouldComponentUpdate=function(e,t){if(this.__R)return!0;var r=this.__$u,o=r&&r.s!==void 0;for(var s in t)return!0;if(this.__f||typeof this.u=="boolean"&&this.u===!0){var i=2&this.__$f;if(!(o||i||4&this.__$f)||1&this.__$f)return!0}else if(!(o||4&this.__$f)||3&this.__$f)return!0;for(var a in e)if(a!=="__source"&&e[a]!==this.props[a])return!0;for(var u in this.props)if(!(u in e))return!0;return!1};function hi(e,t){return Oe(function(){return L(e,t)},[])}var bi=function(e){queueMicrotask(function(){queueMicrotask(e)})};function yi(){Le(function(){for(var e;e=Kr.shift();)Fr.call(e)})}function Wr(){Kr.push(this)===1&&(P.requestAnimationFrame||bi)(yi)}function re(e){return e===null?"null":Array.isArray(e)?"array":typeof e}function $e(e){return re(e)==="object"}function vi(e){return Array.isArray(e)&&e.length>0&&e.every(t=>"message"in t)}function Ln(e,t){return e.length<124?e:t}var qr="graphql-transport-ws";var le=(e=>(e[e.InternalServerError=4500]="InternalServerError",e[e.InternalClientError=4005]="InternalClientError",e[e.BadRequest=4400]="BadRequest",e[e.BadResponse=4004]="BadResponse",e[e.Unauthorized=4401]="Unauthorized",e[e.Forbidden=4403]="Forbidden",e[e.SubprotocolNotAcceptable=4406]="SubprotocolNotAcceptable",e[e.ConnectionInitialisationTimeout=4408]="ConnectionInitialisationTimeout",e[e.ConnectionAcknowledgementTimeout=4504]="ConnectionAcknowledgementTimeout",e[e.SubscriberAlreadyExists=4409]="SubscriberAlreadyExists",e[e.TooManyInitialisationRequests=4429]="TooManyInitialisationRequests",e))(le||{}),ce=(e=>(e.ConnectionInit="connection_init",e.ConnectionAck="connection_ack",e.Ping="ping",e.Pong="pong",e.Subscribe="subscribe",e.Next="next",e.Error="error",e.Complete="complete",e))(ce||{});function Gr(e){if(!$e(e))throw new Error(`Message is expected to be an object, but got ${re(e)}`);if(!e.type)throw new Error("Message is missing the 'type' property");if(typeof e.type!="string")throw new Error(`Message is expects the 'type' property to be a string, but got ${re(e.type)}`);switch(e.type){case"connection_init":case"connection_ack":case"ping":case"pong":{if(e.payload!=null&&!$e(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an object or nullish or missing, but got "${e.payload}"`);break}case"subscribe":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${re(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);if(!$e(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an object, but got ${re(e.payload)}`);if(typeof e.payload.query!="string")throw new Error(`"${e.type}" message payload expects the 'query' property to be a string, but got ${re(e.payload.query)}`);if(e.payload.variables!=null&&!$e(e.payload.variables))throw new Error(`"${e.type}" message payload expects the 'variables' property to be a an object or nullish or missing, but got ${re(e.payload.variables)}`);if(e.payload.operationName!=null&&re(e.payload.operationName)!=="string")throw new Error(`"${e.type}" message payload expects the 'operationName' property to be a string or nullish or missing, but got ${re(e.payload.operationName)}`);if(e.payload.extensions!=null&&!$e(e.payload.extensions))throw new Error(`"${e.type}" message payload expects the 'extensions' property to be a an object or nullish or missing, but got ${re(e.payload.extensions)}`);break}case"next":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${re(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);if(!$e(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an object, but got ${re(e.payload)}`);break}case"error":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${re(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);if(!vi(e.payload))throw new Error(`"${e.type}" message expects the 'payload' property to be an array of GraphQL errors, but got ${JSON.stringify(e.payload)}`);break}case"complete":{if(typeof e.id!="string")throw new Error(`"${e.type}" message expects the 'id' property to be a string, but got ${re(e.id)}`);if(!e.id)throw new Error(`"${e.type}" message requires a non-empty 'id' property`);break}default:throw new Error(`Invalid message 'type' property "${e.type}"`)}return e}function Hr(e,t){return Gr(typeof e=="string"?JSON.parse(e,t):e)}function Ze(e,t){return Gr(e),JSON.stringify(e,t)}function Un(e){let{url:t,connectionParams:r,lazy:o=!0,onNonLazyError:s=console.error,lazyCloseTimeout:i=0,keepAlive:a=0,disablePong:u,connectionAckWaitTimeout:l=0,retryAttempts:c=5,retryWait:d=async function(O){let E=Math.pow(2,O);await new Promise(T=>setTimeout(T,E*1e3+Math.floor(Math.random()*2700+300)))},shouldRetry:f=$n,on:m,webSocketImpl:p,generateID:h=function(){return"xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g,O=>{let E=Math.random()*16|0;return(O=="x"?E:E&3|8).toString(16)})},jsonMessageReplacer:b,jsonMessageReviver:y}=e,S;if(p){if(!wi(p))throw new Error("Invalid WebSocket implementation provided");S=p}else typeof WebSocket<"u"?S=WebSocket:typeof global<"u"?S=global.WebSocket||global.MozWebSocket:typeof window<"u"&&(S=window.WebSocket||window.MozWebSocket);if(!S)throw new Error("WebSocket implementation missing; on Node you can `import WebSocket from 'ws';` and pass `webSocketImpl: WebSocket` to `createClient`");let _=S,A=(()=>{let C=(()=>{let E={};return{on(T,B){return E[T]=B,()=>{delete E[T]}},emit(T){"id"in T&&E[T.id]?.(T)}}})(),O={connecting:m?.connecting?[m.connecting]:[],opened:m?.opened?[m.opened]:[],connected:m?.connected?[m.connected]:[],ping:m?.ping?[m.ping]:[],pong:m?.pong?[m.pong]:[],message:m?.message?[C.emit,m.message]:[C.emit],closed:m?.closed?[m.closed]:[],error:m?.error?[m.error]:[]};return{onMessage:C.on,on(E,T){let B=O[E];return B.push(T),()=>{let W=B.indexOf(T);W>-1&&B.splice(W,1)}},emit(E,...T){for(let B of[...O[E]])B(...T)}}})();function D(C){let O=[A.on("error",E=>{O.forEach(T=>T()),C(E)}),A.on("closed",E=>{O.forEach(T=>T()),C(E)})];return()=>O.forEach(E=>E())}let ye,ve=0,Te,ae=!1,Fe=0,_e=!1;async function we(){clearTimeout(Te);let[C,O]=await(ye??(ye=new Promise((B,W)=>(async()=>{if(ae){if(await d(Fe),!ve)return ye=void 0,W({code:1e3,reason:"All Subscriptions Gone"});Fe++}A.emit("connecting",ae);let M=new _(typeof t=="function"?await t():t,qr),ke,je;function Ct(){isFinite(a)&&a>0&&(clearTimeout(je),je=setTimeout(()=>{M.readyState===_.OPEN&&(M.send(Ze({type:ce.Ping})),A.emit("ping",!1,void 0))},a))}D(X=>{ye=void 0,clearTimeout(ke),clearTimeout(je),W(X),X instanceof yt&&(M.close(4499,"Terminated"),M.onerror=null,M.onclose=null)}),M.onerror=X=>A.emit("error",X),M.onclose=X=>A.emit("closed",X),M.onopen=async()=>{try{A.emit("opened",M);let X=typeof r=="function"?await r():r;if(M.readyState!==_.OPEN)return;M.send(Ze(X?{type:ce.ConnectionInit,payload:X}:{type:ce.ConnectionInit},b)),isFinite(l)&&l>0&&(ke=setTimeout(()=>{M.close(le.ConnectionAcknowledgementTimeout,"Connection acknowledgement timeout")},l)),Ct()}catch(X){A.emit("error",X),M.close(le.InternalClientError,Ln(X instanceof Error?X.message:String(X),"Internal client error"))}};let Ye=!1;M.onmessage=({data:X})=>{try{let z=Hr(X,y);if(A.emit("message",z),z.type==="ping"||z.type==="pong"){A.emit(z.type,!0,z.payload),z.type==="pong"?Ct():u||(M.send(Ze(z.payload?{type:ce.Pong,payload:z.payload}:{type:ce.Pong},b)),A.emit("pong",!1,z.payload));return}if(Ye)return;if(z.type!==ce.ConnectionAck)throw new Error(`First message cannot be of type ${z.type}`);clearTimeout(ke),Ye=!0,A.emit("connected",M,z.payload,ae),ae=!1,Fe=0;let cr=new Promise((Za,ti)=>D(ti));cr.catch(()=>{}),B([M,cr])}catch(z){M.onmessage=null,A.emit("error",z),M.close(le.BadResponse,Ln(z instanceof Error?z.message:String(z),"Bad response"))}}})())));C.readyState===_.CLOSING&&await O;let E=()=>{},T=new Promise(B=>E=B);return[C,E,new Promise((B,W)=>{let M=D(W);C.readyState!==_.OPEN&&O.catch(W),T.then(()=>{if(M(),!ve){let ke=()=>C.close(1e3,"Normal Closure");isFinite(i)&&i>0?(clearTimeout(Te),Te=setTimeout(()=>{!ve&&C.readyState===_.OPEN&&ke()},i)):ke()}B()})})]}function de(C){if($n(C)&&(_i(C.code)||[le.InternalServerError,le.InternalClientError,le.BadRequest,le.BadResponse,le.Unauthorized,le.SubprotocolNotAcceptable,le.SubscriberAlreadyExists,le.TooManyInitialisationRequests].includes(C.code)))throw C;if(_e)return!1;if($n(C)&&C.code===1e3)return ve>0;if(!c||Fe>=c||!f(C))throw C;return ae=!0}o||(async()=>{for(ve++;;)try{let[,,C]=await we();await C}catch(C){try{if(!de(C))return}catch(O){return s?.(O)}}})();function te(C,O){let E=h(C),T=!1,B=!1,W=()=>{ve--,T=!0};return(async()=>{for(ve++;;)try{let[M,ke,je]=await we();if(T)return je.catch(()=>{}),ke();let Ct=A.onMessage(E,Ye=>{switch(Ye.type){case ce.Next:{O.next(Ye.payload);return}case ce.Error:{B=!0,T=!0,O.error(Ye.payload),W();return}case ce.Complete:{T=!0,W();return}}});M.send(Ze({id:E,type:ce.Subscribe,payload:C},b)),W=()=>{!T&&M.readyState===_.OPEN&&M.send(Ze({id:E,type:ce.Complete},b)),ve--,T=!0,ke()},await je.finally(Ct);return}catch(M){if(!de(M))return}})().then(()=>{B||O.complete()}).catch(M=>{O.error(M)}),()=>{T||W()}}return{on:A.on,subscribe:te,iterate(C){let O=[],E={done:!1,error:null,resolve:()=>{}},T=te(C,{next(W){O.push(W),E.resolve()},error(W){E.done=!0,E.error=W,E.resolve()},complete(){E.done=!0,E.resolve()}}),B=(async function*(){for(;;){for(O.length||await new Promise(M=>E.resolve=M);O.length;)yield O.shift();if(E.error)throw E.error;if(E.done)return}})();return B.throw=async W=>(E.done||(E.done=!0,E.error=W,E.resolve()),{done:!0,value:void 0}),B.return=async()=>(T(),{done:!0,value:void 0}),B},async dispose(){if(_e=!0,ye){let[C]=await ye;C.close(1e3,"Normal Closure")}},terminate(){ye&&A.emit("closed",new yt)}}}var yt=class extends Error{name="TerminatedCloseEvent";message="4499: Terminated";code=4499;reason="Terminated";wasClean=!1};function $n(e){return $e(e)&&"code"in e&&"reason"in e}function _i(e){return[1e3,1001,1006,1005,1012,1013,1014].includes(e)?!1:e>=1e3&&e<=1999}function wi(e){return typeof e=="function"&&"constructor"in e&&"CLOSED"in e&&"CLOSING"in e&&"CONNECTING"in e&&"OPEN"in e}var qt=class extends Error{code;field;constructor(t,r,o){super(r),this.code=t,this.field=o}},Qr=3e4,J=null,Vn=null,jr=new Set,Gt=new BroadcastChannel("otpwire-session");Gt.onmessage=({data:e})=>{switch(e.type){case"token":J&&(J=e.token);break;case"signed-in":vt("changed-elsewhere");break;case"signed-out":J=null,vt("signed-out")}};function vt(e){for(let t of jr)t(e)}function Yr(e){jr.add(e)}async function Ht(){return J&&J.expiresAt-Qr>Date.now()?J.value:J?Ge():null}function Ge(){return Vn??=xi(Si).finally(()=>Vn=null),Vn}async function xi(e){let t=J;return navigator.locks?navigator.locks.request("otpwire-session",()=>e(t)):e(t)}async function Si(e){if(J&&J!==e&&J.expiresAt-Qr>Date.now())return J.value;let t=await Qt("/session/refresh");if(t.status===204){let r=J!==null;return J=null,r&&vt("signed-out"),null}return Fn(await t.json())}function Fn({access_token:e,expires_in:t}){return J={value:e,expiresAt:Date.now()+t*1e3},Gt.postMessage({type:"token",token:J}),e}async function _t(e){let t=await Qt("/session",e);Fn(await t.json()),Gt.postMessage({type:"signed-in"}),vt("signed-in")}async function zr(e,t){let r=await Qt("/session/password",{current_password:e,new_password:t},await Ht());Fn(await r.json())}async function Kn(){await Qt("/session/end"),J=null,Gt.postMessage({type:"signed-out"}),vt("signed-out")}async function Qt(e,t,r){let o={accept:"application/json"};t&&(o["content-type"]="application/json"),r&&(o.authorization=`Bearer ${r}`);let s;try{s=await fetch(e,{method:"POST",headers:o,...t&&{body:JSON.stringify(t)}})}catch{throw new qt("OFFLINE","The server cannot be reached.")}if(s.ok)return s;let i=await s.json().catch(()=>null);throw new qt(i?.code??"UNAVAILABLE",i?.details?.issue??i?.message??`The server answered ${s.status}.`,i?.details?.field)}var oe=class extends Error{code;field;details;constructor(t,r,o={}){super(r),this.code=t,this.field=typeof o.field=="string"?o.field:void 0,this.details=o}},Ni=new Set(["TOKEN_EXPIRED","SESSION_ENDED","UNAUTHENTICATED"]);function Wn({message:e,extensions:t={}}){return new oe(t.code??"INTERNAL",t.issue??e,t)}async function x(e,...[t]){let r=await Ht().catch(Bn),o=await Xr(e,t,r);if(r&&o.errors?.some(({extensions:s})=>Ni.has(s?.code??""))){let s=await Ge().catch(Bn);if(s)return Jr(await Xr(e,t,s))}return Jr(o)}function Jr({data:e,errors:t}){if(t?.[0])throw Wn(t[0]);if(!e)throw new oe("INTERNAL","The server answered without data.");return e}async function Xr(e,t,r){let o=await fetch("/graphql",{method:"POST",headers:{accept:"application/graphql-response+json","content-type":"application/json",...r&&{authorization:`Bearer ${r}`}},body:JSON.stringify({query:e.toString(),variables:t})}).catch(Bn);return o.json().catch(()=>{throw new oe("UNAVAILABLE",`The server answered ${o.status}.`)})}function Bn(){throw new oe("OFFLINE","The server cannot be reached.")}var Ei=1e4,Zr=5e3;function to(e,t){let r=Date.now(),o,s,i=new Promise(u=>s=u),a=Un({url:`${location.protocol==="https:"?"wss:":"ws:"}//${location.host}/graphql`,connectionParams:async()=>({Authorization:`Bearer ${await Ht()}`}),retryAttempts:0,connectionAckWaitTimeout:Zr*2,keepAlive:Ei,on:{connected:t,message:()=>r=Date.now(),ping:u=>{u||(o=setTimeout(()=>a.terminate(),Zr))},pong:()=>clearTimeout(o),closed:u=>{clearTimeout(o),s(eo(u))}}});for(let{document:u,variables:l,next:c}of e)a.subscribe({query:u.toString(),...l&&{variables:l}},{next:({data:d,errors:f})=>{let m=f?.[0];m?s(Wn(m)):d&&c(d)},error:d=>s(eo(d)),complete:()=>s(null)});return{ended:i,close:()=>{a.dispose()},heardAt:()=>r}}function eo(e){return Array.isArray(e)&&e[0]?Wn(e[0]):e instanceof CloseEvent&&(e.code===4401||e.code===4403)?new oe("UNAUTHENTICATED",e.reason):e instanceof oe?e:null}var w=class extends String{__apiType;value;__meta__;constructor(t,r){super(t),this.value=t,this.__meta__=r}toString(){return this.value}},_u=new w(`
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}
    `,{fragmentName:"ProviderSummary"}),wu=new w(`
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}
    `,{fragmentName:"InboxMessage"}),xu=new w(`
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}
    `,{fragmentName:"RentedNumber"}),no=new w(`
    query Viewer {
  viewer {
    id
    email
    firstName
    lastName
    role
    plan
    emailVerified
  }
}
    `),ro=new w(`
    mutation Register($input: RegisterInput!) {
  register(input: $input) {
    user {
      id
    }
  }
}
    `),oo=new w(`
    mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input) {
    message
  }
}
    `),jt=new w(`
    mutation ResendVerificationEmail($input: MailInput!) {
  resendVerificationEmail(input: $input) {
    message
  }
}
    `),so=new w(`
    mutation RequestPasswordReset($input: MailInput!) {
  requestPasswordReset(input: $input) {
    message
  }
}
    `),io=new w(`
    mutation ResetPassword($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    message
  }
}
    `),ao=new w(`
    mutation UpdateViewer($input: UpdateViewerInput!) {
  updateViewer(input: $input) {
    user {
      id
      firstName
      lastName
    }
  }
}
    `),uo=new w(`
    query Sessions {
  sessions {
    id
    isCurrent
    userAgent
    ipAddress
    createdAt
    lastUsedAt
  }
}
    `),lo=new w(`
    mutation EndSession($input: EndSessionInput!) {
  endSession(input: $input) {
    message
  }
}
    `),co=new w(`
    mutation LogOutEverywhere {
  logOutEverywhere {
    message
  }
}
    `),po=new w(`
    query ApiKeys {
  apiKeys {
    id
    name
    prefix
    scopes
    createdAt
    lastUsedAt
    expiresAt
  }
}
    `),mo=new w(`
    mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    key
    apiKey {
      id
    }
  }
}
    `),fo=new w(`
    mutation RevokeApiKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) {
    message
  }
}
    `),go=new w(`
    query Overview {
  stats {
    messageCount
    openConnectionCount
    phoneNumbers {
      available
      assigned
      expired
      blocked
    }
    users {
      total
      active
      premium
    }
    webhooks {
      received
      duplicate
      quarantined
      unroutable
      failed
    }
  }
}
    `),et=new w(`
    query Providers($first: Int!, $after: String) {
  providers(first: $first, after: $after) {
    nodes {
      ...ProviderSummary
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),ho=new w(`
    query Provider($id: ID!) {
  node(id: $id) {
    ...ProviderSummary
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),bo=new w(`
    query ProviderKinds {
  providerKinds {
    kind
    title
    secret
    isPreset
    settings {
      name
      description
    }
  }
}
    `),yo=new w(`
    mutation CreateProvider($input: CreateProviderInput!) {
  createProvider(input: $input) {
    generatedSecret
    provider {
      ...ProviderSummary
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),Yt=new w(`
    mutation UpdateProvider($input: UpdateProviderInput!) {
  updateProvider(input: $input) {
    provider {
      ...ProviderSummary
    }
  }
}
    fragment ProviderSummary on Provider {
  id
  name
  kind
  isActive
  priority
  rateLimitPerMinute
  configuration
  hasAddressToken
  secretChangedAt
  secretVerifiedAt
  webhookPath
  statusCallbackPath
  createdAt
  health {
    messageCount
    failureCount
    duplicateCount
    refusalCount
    limitedCount
    unroutableCount
    hasWeakSecret
    lastMessageAt
    lastFailureAt
    lastRefusalAt
    lastRefusalReason
  }
}`),vo=new w(`
    mutation SimulateInboundSms($input: SimulateInboundSmsInput!) {
  simulateInboundSms(input: $input) {
    outcome
    message {
      id
      otp {
        code
        service
      }
    }
  }
}
    `),zt=new w(`
    query AllNumbers($filter: PhoneNumberFilter, $first: Int!, $after: String) {
  phoneNumbers(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes {
      ...RentedNumber
      provider {
        id
        name
      }
      renter {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),_o=new w(`
    mutation ImportPhoneNumbers($input: ImportPhoneNumbersInput!) {
  importPhoneNumbers(input: $input) {
    addedIds
    knownCount
    rejected {
      index
      message
    }
  }
}
    `),wo=new w(`
    mutation SetPhoneNumberStatus($input: SetPhoneNumberStatusInput!) {
  setPhoneNumberStatus(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),xo=new w(`
    query DeliveryReports($filter: DeliveryReportFilter, $first: Int!, $after: String) {
  deliveryReports(filter: $filter, first: $first, after: $after) {
    nodes {
      id
      kind
      status
      phoneNumber
      providerMessageId
      providerStatus
      messageId
      errorMessage
      retryCount
      createdAt
      payload
      provider {
        id
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),So=new w(`
    query Users($filter: UserFilter, $first: Int!, $after: String) {
  users(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes {
      id
      email
      firstName
      lastName
      role
      plan
      isActive
      emailVerified
      createdAt
      lastLogin
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),No=new w(`
    mutation UpdateUser($input: UpdateUserInput!) {
  updateUser(input: $input) {
    user {
      id
      role
      plan
      isActive
    }
  }
}
    `),Eo=new w(`
    query AuditLog($filter: AuditFilter, $first: Int!, $after: String) {
  auditLog(filter: $filter, first: $first, after: $after) {
    nodes {
      id
      action
      target
      details
      createdAt
      actor {
        id
        email
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),Ao=new w(`
    query OtpPatterns($first: Int!, $after: String) {
  otpPatterns(first: $first, after: $after) {
    nodes {
      id
      pattern
      sender
      service
      isActive
      createdAt
      provider {
        id
        name
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `),Po=new w(`
    query TestOtpPattern($pattern: String!, $text: String!) {
  testOtpPattern(pattern: $pattern, text: $text) {
    code
    service
  }
}
    `),ko=new w(`
    mutation CreateOtpPattern($input: CreateOtpPatternInput!) {
  createOtpPattern(input: $input) {
    otpPattern {
      id
    }
  }
}
    `),Co=new w(`
    mutation UpdateOtpPattern($input: UpdateOtpPatternInput!) {
  updateOtpPattern(input: $input) {
    otpPattern {
      id
    }
  }
}
    `),Ro=new w(`
    mutation DeleteOtpPattern($input: DeleteOtpPatternInput!) {
  deleteOtpPattern(input: $input) {
    deletedOtpPatternId
  }
}
    `),qn=new w(`
    query Messages($first: Int!, $after: String) {
  messages(first: $first, after: $after) {
    latestCursor
    nodes {
      ...InboxMessage
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}`),Mo=new w(`
    subscription MessageReceived($after: String!) {
  messageReceived(after: $after) {
    cursor
    message {
      ...InboxMessage
    }
  }
}
    fragment InboxMessage on Message {
  id
  phoneNumber
  phoneNumberId
  senderNumber
  messageContent
  messageType
  receivedAt
  isRead
  otp {
    code
    service
  }
  media {
    url
    contentType
  }
}`),To=new w(`
    mutation MarkMessageRead($input: MarkMessageReadInput!) {
  markMessageRead(input: $input) {
    message {
      id
      isRead
    }
  }
}
    `),Io=new w(`
    mutation MarkAllMessagesRead($input: MarkAllMessagesReadInput!) {
  markAllMessagesRead(input: $input) {
    markedCount
  }
}
    `),Do=new w(`
    mutation DeleteMessage($input: DeleteMessageInput!) {
  deleteMessage(input: $input) {
    deletedMessageId
  }
}
    `),Oo=new w(`
    query Numbers {
  phoneNumbers(filter: {mine: true}, first: 100) {
    nodes {
      ...RentedNumber
    }
  }
  countries {
    code
    availableCount
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Lo=new w(`
    subscription PhoneNumberUpdated {
  phoneNumberUpdated {
    ...RentedNumber
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),$o=new w(`
    mutation AssignPhoneNumber($input: AssignPhoneNumberInput!) {
  assignPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Uo=new w(`
    mutation ExtendPhoneNumber($input: ExtendPhoneNumberInput!) {
  extendPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Vo=new w(`
    mutation ReleasePhoneNumber($input: ReleasePhoneNumberInput!) {
  releasePhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`),Fo=new w(`
    mutation LabelPhoneNumber($input: LabelPhoneNumberInput!) {
  labelPhoneNumber(input: $input) {
    phoneNumber {
      ...RentedNumber
    }
  }
}
    fragment RentedNumber on PhoneNumber {
  id
  phoneNumber
  countryCode
  status
  assignedAt
  expiresAt
  label
  isGranted
}`);function Ko(e,t){let r=Math.min(250*2**e,15e3);return Math.round(r/2+r/2*t)}function Gn(e){let{latestCursor:t,nodes:r,pageInfo:o}=e;return{messages:r,cursor:t,older:o.hasNextPage?o.endCursor:null}}function Hn(e,t){let r=t.at(-1);if(!r)return e;let o=qo(e.messages,t.map(({message:s})=>s)).reverse();return{...e,messages:[...o,...e.messages],cursor:r.cursor}}function Bo(e,t){let{nodes:r,pageInfo:o}=t;return{...e,messages:[...e.messages,...qo(e.messages,r)],older:o.hasNextPage?o.endCursor:null}}function Wo(e,t,r){return Hn({...Gn(t),cursor:e.cursor},r)}function Qn(e,t){let r=({id:s})=>t==="all"||t.has(s),o=e.messages.map(s=>!s.isRead&&r(s)?{...s,isRead:!0}:s);return{...e,messages:o}}function jn(e,t){return{...e,messages:e.messages.filter(r=>r.id!==t)}}function qo(e,t){let r=new Set(e.map(({id:o})=>o));return t.filter(({id:o})=>!r.has(o)&&r.add(o))}var Se={text:"",phoneNumberId:"",service:"",sender:"",type:"",unread:!1};function tt(e){return Object.values(e).some(Boolean)}function Jt(e){return e.normalize("NFKD").replace(/\p{M}/gu,"").toLowerCase()}function Go(e){let t=Jt(e.text).split(/\s+/).filter(Boolean),r=(o,s)=>!o||Jt(o)===Jt(s??"");return o=>{if(e.unread&&o.isRead||e.type&&o.messageType!==e.type||e.phoneNumberId&&o.phoneNumberId!==e.phoneNumberId||!r(e.service,o.otp?.service)||!r(e.sender,o.senderNumber))return!1;if(t.length===0)return!0;let{messageContent:s,senderNumber:i,phoneNumber:a,otp:u}=o,l=Jt([s,i,a,u?.code,u?.service].join(`
`));return t.every(c=>l.includes(c))}}function Ho(e){let t=r=>[...new Set(r)].filter(o=>o!=null&&o!=="").sort((o,s)=>o.localeCompare(s));return{services:t(e.map(({otp:r})=>r?.service)),senders:t(e.map(({senderNumber:r})=>r))}}var jo=100,Ai=5,Yo=6e4,Pi=16,k=L(null),me=L(null),zn=L([]),Ue=L("connecting"),Nt=L(!1),H=L(Se),He=L(!1),nn=L([]),Et=ue(()=>k.value?.messages.filter(Go(H.value))??[]),Qe=ue(()=>k.value?.messages.reduce((e,{isRead:t})=>e+(t?0:1),0)??0),rn=ue(()=>{let e=new Map;for(let{isRead:t,phoneNumberId:r}of k.value?.messages??[])t||e.set(r,(e.get(r)??0)+1);return e}),Jn=new BroadcastChannel("otpwire-inbox"),en=null,xt=null,Yn=()=>{},St=[],Zt=null,zo=0,wt=null;function Jo(){Xn(),en=new AbortController;let{signal:e}=en;addEventListener("online",ts,{signal:e}),addEventListener("offline",()=>Ue.value="offline",{signal:e}),document.addEventListener("visibilitychange",Ii,{signal:e}),Jn.onmessage=({data:t})=>{k.value&&(k.value=t.type==="deleted"?jn(k.value,t.id):Qn(k.value,t.ids==="all"?"all":new Set(t.ids)))},ki(e)}function Xn(){en?.abort(),en=null,xt?.close(),St=[],Jn.onmessage=null,Le(()=>{k.value=null,me.value=null,Ue.value="connecting",Nt.value=!1,H.value=Se})}async function ki(e){for(let t=0;!e.aborted;){let r={time:0},o=await Ci(e,r).catch(s=>s);if(e.aborted)return;switch(r.time&&Date.now()-r.time>2e3&&(t=0),Ue.value=navigator.onLine?"waiting":"offline",o?.code){case"CURSOR_EXPIRED":Le(()=>{Nt.value=!0,k.value=null});continue;case"TOKEN_EXPIRED":case"SESSION_ENDED":case"UNAUTHENTICATED":if(await Ge().catch(()=>"")===null)return}await Ti(Ko(t++,Math.random()),e)}}async function Ci(e,t){if(Ue.value="connecting",k.value||(k.value=Gn(await Zo())),e.aborted)return null;let r={document:Mo,variables:{after:Xo()},next:({messageReceived:a})=>a&&Ri(a)},s=to([r,{document:Lo,next:({phoneNumberUpdated:a})=>{a&&nt(a),tn().catch(()=>{})}}],()=>{t.time=Date.now(),Ue.value="live",tn().catch(()=>{})});xt=s,e.addEventListener("abort",s.close);let i=await s.ended;return e.removeEventListener("abort",s.close),s.close(),on(),i}function Xo(){return St.at(-1)?.cursor??k.value?.cursor??""}function Ri(e){St.push(e),wt?.push(e),Zt??=setTimeout(on,Math.max(0,zo+Pi-performance.now()))}function on(){Zt!==null&&clearTimeout(Zt),Zt=null;let e=St;if(e.length===0||!k.value)return;St=[],zo=performance.now();let t=k.value.messages.length,r=Hn(k.value,e);Le(()=>{k.value=r,nn.value=r.messages.slice(0,r.messages.length-t)})}async function Zo(){let{messages:e}=await x(qn,{first:jo});if(!e)throw new Error("the list has no page");return e}async function Mi(){if(!(!k.value||wt)){wt=[];try{let e=await Zo();on(),k.value&&(k.value=Wo(k.value,e,wt))}finally{wt=null}}}async function Zn(){let e=k.value?.older;if(!(!e||He.value)){He.value=!0;try{let{messages:t}=await x(qn,{first:jo,after:e});t&&k.value?.older===e&&(k.value=Bo(k.value,t))}finally{He.value=!1}}}var Xt={search:Se,pages:0};pe(()=>{H.value!==Xt.search&&(Xt={search:H.value,pages:0}),tt(H.value)&&Et.value.length<20&&k.value?.older&&!He.value&&Xt.pages<Ai&&(Xt.pages+=1,Zn().catch(()=>{}))});async function tn(){let e=await x(Oo);Le(()=>{me.value=e.phoneNumbers?.nodes??[],zn.value=e.countries??[]})}function nt(e){let t=me.value?.filter(({id:o})=>o!==e.id)??[],r=e.status==="ASSIGNED"&&(e.expiresAt!==null||e.isGranted);me.value=r?[...t,e].sort((o,s)=>o.phoneNumber.localeCompare(s.phoneNumber)):t}async function rt(e){e.isRead||!k.value||(er({type:"read",ids:[e.id]}),await x(To,{input:{messageId:e.id}}))}async function es(){on(),await x(Io,{input:{upTo:Xo()}}),er({type:"read",ids:"all"})}async function sn(e){await x(Do,{input:{messageId:e.id}}),er({type:"deleted",id:e.id})}function er(e){Jn.postMessage(e),k.value&&(k.value=e.type==="deleted"?jn(k.value,e.id):Qn(k.value,e.ids==="all"?"all":new Set(e.ids)))}function Ti(e,t){return new Promise(r=>{let o=setTimeout(s,e);function s(){clearTimeout(o),t.removeEventListener("abort",s),Yn=()=>{},r()}Yn=s,t.addEventListener("abort",s)})}function ts(){Yn(),xt&&Date.now()-xt.heardAt()>Yo/2&&xt.close()}var Qo=0;function Ii(){if(document.hidden){Qo=Date.now();return}ts(),Date.now()-Qo>Yo&&Mi().catch(()=>{})}var Ne=L(location.pathname);addEventListener("popstate",()=>Ne.value=location.pathname);function Re(e,{replace:t=!1}={}){e!==location.pathname+location.search&&(history[t?"replaceState":"pushState"](null,"",e),Ne.value=location.pathname,scrollTo(0,0))}function ns(){document.addEventListener("click",e=>{let t=e.target instanceof Element?e.target.closest("a"):null,r=!e.defaultPrevented&&e.button===0&&!(e.metaKey||e.ctrlKey||e.shiftKey||e.altKey);!t||!r||t.target||t.origin!==location.origin||!Li(t.pathname)||(e.preventDefault(),Re(t.pathname+t.search))})}var Oi=["/","/numbers","/account","/sign-in","/register","/verify-email","/forgot-password","/reset-password","/console","/console/providers","/console/numbers","/console/messages","/console/users","/console/audit","/console/patterns"];function Li(e){return Oi.includes(e)||/^\/console\/providers\/[^/]+$/.test(e)}var rs=ue(()=>Ne.value.split("/").filter(Boolean));function At(e){let r=new URLSearchParams(location.hash.slice(1)).get(e);return r!==null&&history.replaceState(null,"",location.pathname+location.search),r}var $i=Symbol.for("pv"),Ui=0;function n(e,t,r,o,s,i){t||(t={});var a,u,l=t;if("ref"in l&&typeof e!="function")for(u in l={},t)u=="ref"?a=t[u]:l[u]=t[u];var c={type:e,props:l,key:r,ref:a,__k:null,__:null,__b:0,__e:null,__c:null,constructor:$i,__v:--Ui,__i:-1,__u:0};return(s||i)&&(c.__source=s,c.__self=i),P.vnode&&P.vnode(c),c}var Pt=L([]),Vi=0;function R(e,{isError:t=!1}={}){let r=++Vi;Pt.value=[...Pt.value.slice(-2),{id:r,text:e,isError:t}],setTimeout(()=>Pt.value=Pt.value.filter(o=>o.id!==r),t?9e3:4500)}function I(e){R(se(e instanceof Error?e.message:String(e)),{isError:!0})}function se(e){let t=e.charAt(0).toUpperCase()+e.slice(1);return/[.!?…]$/.test(t)?t:`${t}.`}function os(){return n("div",{class:"toasts",role:"status","aria-live":"polite",children:Pt.value.map(({id:e,text:t,isError:r})=>n("p",{class:r?"toast error":"toast",children:t},e))})}var Q=L(void 0);async function ss(){let e=At("sign-in");if(Yr(t=>{switch(t){case"signed-in":an();break;case"changed-elsewhere":location.reload();break;case"signed-out":Q.value&&R("You are signed out."),Xn(),Q.value=null}}),e)try{await _t({sign_in_token:e});return}catch{}for(let t=250;;t=Math.min(t*2,1e4))try{await Ge()===null?(Q.value=null,e&&R("That link was used before, or is too old. Sign in instead.")):await an();return}catch{await new Promise(r=>setTimeout(r,t))}}async function an(){let e=Q.value,{viewer:t}=await x(no);Q.value=t,t&&e?.id!==t.id&&(Jo(),["/sign-in","/register","/forgot-password"].includes(location.pathname)&&Re("/",{replace:!0}))}function ne(e,t){let[r,o]=g({data:null,error:null,isLoading:!0}),s=ze(0),i=JSON.stringify(t),a=pt(async()=>{let u=++s.current;o(l=>({...l,isLoading:!0}));try{let l=await x(e,JSON.parse(i));u===s.current&&o({data:l,error:null,isLoading:!1})}catch(l){u===s.current&&o(c=>({...c,error:l,isLoading:!1}))}},[e,i]);return Z(()=>(a(),()=>{s.current++}),[a]),{...r,reload:a}}var is=50;function fe(e,t,r){let o=ne(e,{...t,first:is}),[s,i]=g({of:null,pages:[]}),[a,u]=g(!1),[l,c]=g(null),d=o.data&&r(o.data),f=d?[d,...s.of===o.data?s.pages:[]]:[],m=f.at(-1),p=async()=>{if(!(!m?.pageInfo.endCursor||a)){u(!0);try{let h=await x(e,{...t,first:is,after:m.pageInfo.endCursor}),b=r(h);b&&i({of:o.data,pages:[...f.slice(1),b]}),c(null)}catch(h){c(h)}finally{u(!1)}}};return{nodes:f.flatMap(({nodes:h})=>h),totalCount:d?.totalCount??null,hasMore:m?.pageInfo.hasNextPage??!1,more:()=>{p()},error:l??o.error,isLoading:o.isLoading||a,reload:o.reload}}function ge({list:e,children:t}){return e.error?n("p",{class:"problem",role:"alert",children:[se(e.error.message)," ",n("button",{type:"button",class:"button",onClick:()=>{e.reload()},children:"Try again"})]}):e.nodes.length===0?e.isLoading?n("div",{class:"skeletons","aria-busy":"true",children:[n("i",{}),n("i",{})]}):n("div",{class:"empty",children:t}):e.hasMore?n("p",{class:"more",children:n("button",{type:"button",class:"button",disabled:e.isLoading,onClick:e.more,children:"Show more"})}):null}var as=Object.assign;function Ki(e,t){for(var r in e)if(r!="__source"&&e[r]!==t[r])return!0;for(var o in t)if(o!="__source"&&!(o in e))return!0;return!1}var Bi=/^(-|f[lo].*[^se]$|g.{5,}[^ps]$|z|o[pr]|(W.{5})?[lL]i.*(t|mp)$|an|(bo|s).{4}Im|sca|m.{6}[ds]|ta|c.*[st]$|wido|ini|asp|fill|st)/;function un(e,t){function r(s){var i=this.props.ref;return i!=s.ref&&i&&(typeof i=="function"?i(null):i.current=null),t?!t(this.props,s)||i!=s.ref:Ki(this.props,s)}function o(s){return this.shouldComponentUpdate=r,ut(e,s)}return o.displayName="Memo("+(e.displayName||e.name)+")",o.prototype.isReactComponent=!0,o.type=e,o}var Wi=Symbol.for("react.element"),qi=/^(?:accent|alignment|arabic|baseline|cap|clip(?!PathU)|color|dominant|fill|flood|font|glyph(?!R)|horiz|image(?!S)|letter|lighting|marker(?!H|W|U)|overline|paint|pointer|shape|stop|strikethrough|stroke|text(?!L)|transform|underline|unicode|units|v|vector|vert|word|writing|x(?!C))[A-Z]/,Gi=/[A-Z0-9]/g,Hi=typeof document<"u";var Qi=function(e){return/fil|che|rad/.test(e)};xe.prototype.isReactComponent=!0,["componentWillMount","componentWillReceiveProps","componentWillUpdate"].forEach(function(e){Object.defineProperty(xe.prototype,e,{configurable:!0,get:function(){return this["UNSAFE_"+e]},set:function(t){Object.defineProperty(this,e,{configurable:!0,writable:!0,value:t})}})});var us=P.event;P.event=function(e){return us&&(e=us(e)),e.persist=function(){},e.isPropagationStopped=function(){return this.cancelBubble},e.isDefaultPrevented=function(){return this.defaultPrevented},e.nativeEvent=e};var ji={configurable:!0,get:function(){return this.class}},ls=P.vnode;P.vnode=function(e){if(typeof e.type=="string")(function(o){var s=o.props,i=o.type,a={},u=i.indexOf("-")==-1;for(var l in s){var c=s[l];if(!(l=="value"&&"defaultValue"in s&&c==null||Hi&&l=="children"&&i=="noscript"||l=="class"||l=="className")){if(l=="style"&&c&&c.constructor==Object){var d=void 0;for(var f in c)typeof c[f]!="number"||Bi.test(f)||(d||(d=c=as({},c)),c[f]+="px")}else if(l=="defaultValue"&&"value"in s&&s.value==null)l="value";else if(l=="download"&&c===!0)c="";else if(l=="translate"&&c==="no")c=!1;else if(l[0]=="o"&&l[1]=="n"){var m=l.toLowerCase();m=="ondoubleclick"?l="ondblclick":m!="onchange"||i!="input"&&i!="textarea"||Qi(s.type)?m=="onfocus"?l="onfocusin":m=="onblur"&&(l="onfocusout"):m=l="oninput",m=="oninput"&&a[l=m]&&(l="oninputCapture")}else u&&qi.test(l)?l=l.replace(Gi,"-$&").toLowerCase():c===null&&(c=void 0);a[l]=c}}if(i=="select"){var p=a.defaultValue!=null?a.defaultValue:a.multiple&&Array.isArray(a.value)?a.value:null;p!=null&&(a.value=Nn(s.children).forEach(function(h){h.props.selected=a.multiple?p.indexOf(h.props.value)!=-1:p==h.props.value}))}s.class&&!s.className?(a.class=s.class,Object.defineProperty(a,"className",ji)):s.className&&(a.class=a.className=s.className),o.props=a})(e);else if(typeof e.type=="function"&&("ref"in e.props&&"prototype"in e.type&&e.type.prototype.render&&(e.ref=e.props.ref,delete e.props.ref),e.type.defaultProps)){var t=as({},e.props);for(var r in e.type.defaultProps)t[r]===void 0&&(t[r]=e.type.defaultProps[r]);e.props=t}e.ref&&!("ref"in e.props)&&Object.defineProperty(e.props,"ref",{value:e.ref,configurable:!0,writable:!0}),e.$$typeof=Wi,ls&&ls(e)};var Ee=L(Date.now()),kt=L(Ee.value);setInterval(()=>{Ee.value=Date.now(),Ee.value-kt.value>=1e4&&(kt.value=Ee.value)},1e3);var ln=new Intl.RelativeTimeFormat("en",{numeric:"always",style:"narrow"}),Yi=new Intl.DateTimeFormat("en",{dateStyle:"medium",timeStyle:"medium"});function cs(e,t){let r=Math.max(0,Math.round((t-Date.parse(e))/1e3));return r<5?"now":r<60?ln.format(-r,"second"):r<3600?ln.format(-Math.floor(r/60),"minute"):r<86400?ln.format(-Math.floor(r/3600),"hour"):ln.format(-Math.floor(r/86400),"day")}function ds(e,t){let r=Math.max(0,Math.floor((Date.parse(e)-t)/1e3)),o=a=>String(a).padStart(2,"0"),[s,i]=[Math.floor(r/3600),Math.floor(r/60)%60];return s>0?`${s} h ${o(i)} min`:`${i}:${o(r%60)}`}function tr(e){return Yi.format(new Date(e))}var zi=9e4,j=un(({time:e})=>{let[t,r]=Oe(()=>{let o=ue(()=>kt.value-Date.parse(e)<zi);return[tr(e),ue(()=>cs(e,o.value?Ee.value:kt.value))]},[e]);return n("time",{dateTime:e,title:t,children:r})});function cn({until:e}){let t=Date.parse(e)-Ee.value<3e5;return n("time",{dateTime:e,title:`until ${tr(e)}`,class:t?"soon":void 0,children:ds(e,Ee.value)})}function he({caption:e,rows:t,columns:r,keyOf:o}){return t.length===0?null:n("table",{children:[n("caption",{class:"off-screen",children:e}),n("thead",{children:n("tr",{children:r.map(([s])=>n("th",{scope:"col",children:s||n("span",{class:"off-screen",children:"Actions"})},s))})}),n("tbody",{children:t.map(s=>n("tr",{children:r.map(([i,a])=>n("td",{"data-column":i,children:n("div",{children:a(s)})},i))},o(s)))})]})}function dn(e){return Array.isArray(e)?e.map(dn).join(", "):e!==null&&typeof e=="object"?Object.entries(e).map(([t,r])=>`${be(t)}: ${dn(r)}`).join("; "):e===null?"none":String(e)}function be(e){return e.toLowerCase().replaceAll("_"," ")}var Ji=["USER_UPDATED","PASSWORD_CHANGED","API_KEY_CREATED","API_KEY_REVOKED","PROVIDER_CREATED","PROVIDER_UPDATED","NUMBERS_IMPORTED","NUMBER_STATUS_SET","NUMBER_GRANTED","NUMBER_GRANT_ENDED","OTP_PATTERN_CREATED","OTP_PATTERN_UPDATED","OTP_PATTERN_DELETED","SMS_SIMULATED"];function ps(){let[e,t]=g(""),r=fe(Eo,{filter:e?{action:e}:{}},({auditLog:o})=>o);return n(v,{children:[n("div",{class:"title",children:n("h1",{children:"Audit log"})}),n("div",{class:"filters",children:n("label",{class:"choice",children:[n("span",{children:"What was done"}),n("select",{value:e,onChange:o=>t(o.currentTarget.value),children:[n("option",{value:"",children:"Everything"}),Ji.map(o=>n("option",{value:o,children:be(o)},o))]})]})}),n(he,{caption:"Audit log, newest first",rows:r.nodes,keyOf:({id:o})=>o,columns:[["When",({createdAt:o})=>n(j,{time:o})],["Who",({actor:o})=>o?.email??"the operator, or a mail"],["What",({action:o})=>be(o)],["To what",({target:o})=>o?n("code",{children:o}):"\u2013"],["Details",({details:o})=>n("bdi",{children:dn(o)||"\u2013"})]]}),n(ge,{list:r,children:[n("h2",{children:"Nothing yet"}),n("p",{children:"What administrators change is listed here for a year."})]})]})}var Xi=new Intl.DisplayNames("en",{type:"region"});function Ae(e){try{return Xi.of(e)??e}catch{return e}}var Zi=/^\+(1|7|2(?:0|7)|3(?:[0-4]|6|9)|4(?:[013-9])|5(?:[1-8])|6(?:[0-6])|8(?:[1246])|9(?:[0-58])|\d{3})(\d+)$/;function V(e){let[,t,r]=Zi.exec(e)??[];if(!t||!r)return e;let o=r.slice(0,-4),s=r.length<=4?[r]:[...o.match(o.length%3===1?/^.{4}|.{1,3}/g:/.{1,3}/g)??[],r.slice(-4)];return`+${t} ${s.join(" ")}`}var ea={RECEIVED:"in its renter's inbox",QUARANTINED:"kept, and nobody\u2019s: the number had no renter",UNROUTABLE:"the number is not ours, or not this provider\u2019s",DUPLICATE:"had arrived before",HELD:"waits for its other parts",FAILED:"could not be read or stored"};function ms(){let[e,t]=g(""),[r,o]=g(""),[s,i]=g(""),[a,u]=g(""),[l,c]=g({}),d=fe(xo,{filter:l},({deliveryReports:m})=>m);return n(v,{children:[n("div",{class:"title",children:n("h1",{children:"Where is my SMS?"})}),n("form",{class:"filters",onSubmit:m=>{m.preventDefault();let p=e.replace(/[\s().-]/g,"");c({...p&&{phoneNumber:p},...r.trim()&&{providerMessageId:r.trim()},...s&&{since:new Date(s).toISOString()},...a&&{until:new Date(a).toISOString()}})},children:[n("label",{class:"choice",children:[n("span",{children:"Sent to"}),n("input",{type:"text",inputMode:"tel",placeholder:"+14155550100",value:e,onInput:m=>t(m.currentTarget.value)})]}),n("label",{class:"choice",children:[n("span",{children:"The provider's id"}),n("input",{type:"text",value:r,onInput:m=>o(m.currentTarget.value)})]}),n("label",{class:"choice",children:[n("span",{children:"From"}),n("input",{type:"datetime-local",value:s,onInput:m=>i(m.currentTarget.value)})]}),n("label",{class:"choice",children:[n("span",{children:"To"}),n("input",{type:"datetime-local",value:a,onInput:m=>u(m.currentTarget.value)})]}),n("button",{type:"submit",class:"button primary",children:"Look"})]}),n(he,{caption:"Delivery reports, newest first",rows:d.nodes,keyOf:({id:m})=>m,columns:[["When",({createdAt:m})=>n(j,{time:m})],["Sent to",({phoneNumber:m})=>m?n("bdi",{children:V(m)}):"unknown"],["Provider",({provider:m})=>m?n("a",{href:`/console/providers/${m.id}`,children:m.name}):"\u2013"],["Its id",({providerMessageId:m})=>n("code",{class:"clip",children:m??"\u2013"})],["What became of it",({status:m,kind:p,errorMessage:h,retryCount:b,providerStatus:y,payload:S})=>n(v,{children:[n("span",{class:`tag ${m.toLowerCase()}`,children:be(m)})," ",h??(p==="MESSAGE"?ea[m]:`status callback${y?`: ${y}`:""}`),b>0&&` \xB7 repeated ${b} times`,S!==null&&n("details",{children:[n("summary",{children:"What the provider posted"}),n("pre",{tabIndex:0,children:JSON.stringify(S,null,2)})]})]})]]}),n(ge,{list:d,children:[n("h2",{children:"No report"}),n("p",{children:Object.keys(l).length>0?"No verified webhook fits. Requests that could not be verified leave none: see the refusals of the provider.":"No webhook has come yet."})]})]})}var ta={inbox:"M4 13l2.5-7.5A2 2 0 0 1 8.4 4h7.2a2 2 0 0 1 1.9 1.5L20 13v5a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zM4 13h5l1.5 3h3L15 13h5",numbers:"M9 3h6a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H9a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM11 18h2",console:"M4 5h16v14H4zM8 10l3 2.5L8 15M13 15h4",account:"M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0",copy:"M9 9h10v11H9zM5 15V4h10",check:"M5 12.5l4.5 4.5L19 7.5",trash:"M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",search:"M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.5 4.5",plus:"M12 5v14M5 12h14",bell:"M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4",bellOff:"M6 16V11a6 6 0 0 1 9-5.2M18 11v5l1.5 2h-15M10 21h4M4 4l16 16",down:"M6 9l6 6 6-6",close:"M6 6l12 12M18 6L6 18",clock:"M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",link:"M10 14l4-4M8.5 11.5l-2 2a3.5 3.5 0 0 0 5 5l2-2M15.5 12.5l2-2a3.5 3.5 0 0 0-5-5l-2 2",keyboard:"M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17 14h.01M7 14h.01M10 14h4",note:"M5 4h14v11l-5 5H5zM14 20v-5h5"};function Y({name:e}){return n("svg",{class:"icon",viewBox:"0 0 24 24","aria-hidden":"true",children:n("path",{d:ta[e]})})}function K({title:e,onClose:t,children:r}){let o=ze(null),s=mt();return Z(()=>{let i=o.current;return i?.showModal(),()=>i?.close()},[]),n("dialog",{ref:o,"aria-labelledby":s,onClose:t,onClick:i=>i.target===o.current&&o.current?.close(),children:n("div",{class:"dialog",children:[n("header",{children:[n("h2",{id:s,children:e}),n("button",{type:"button",class:"button quiet square","aria-label":"Close",onClick:()=>o.current?.close(),children:n(Y,{name:"close"})})]}),r]})})}var fs=$t({problem:null,fields:new Set}),na=e=>e.replace(/^input\./,"").replace(/_([a-z])/g,(t,r)=>r.toUpperCase());function U({submit:e,onSubmit:t,children:r,aside:o,class:s="form"}){let[i,a]=g(null),[u,l]=g(!1),[c]=g(()=>new Set),d=async f=>{if(f.preventDefault(),u)return;let m=f.currentTarget,p={};for(let[h,b]of new FormData(m))typeof b=="string"&&(p[h]=b);l(!0),a(null);try{await t(p)}catch(h){let b=h.field,y=b===void 0?void 0:[...c].find(_=>_===b||_===na(b)),S=se(h instanceof Error?h.message:String(h));a({field:y,message:y||b===void 0?S:se(`${b} ${S}`)}),y&&m.querySelector(`[name="${y}"]`)?.focus()}finally{l(!1)}};return n(fs.Provider,{value:{problem:i,fields:c},children:n("form",{class:s,onSubmit:d,noValidate:!0,children:[r,i&&!i.field&&n("p",{class:"problem",role:"alert",children:i.message}),n("div",{class:"actions",children:[n("button",{type:"submit",class:"button primary",disabled:u,children:u?"One moment\u2026":e}),o]})]})})}function N({label:e,name:t,hint:r,children:o,...s}){let{problem:i,fields:a}=In(fs);a.add(t);let u=mt(),l=i?.field===t?i.message:null,c=[l&&`${u}-problem`,r&&`${u}-hint`].filter(Boolean).join(" "),d={id:u,name:t,...c&&{"aria-describedby":c},...l&&{"aria-invalid":!0}};return n("div",{class:"field",children:[n("label",{for:u,children:e}),o?o(d):n("input",{type:"text",...s,...d}),l&&n("p",{class:"problem",id:`${u}-problem`,role:"alert",children:l}),r&&n("p",{class:"hint",id:`${u}-hint`,children:r})]})}function gs(e){let t=[],r=[],o=new Map;return e.replace(/^\uFEFF/,"").split(/\r\n|\r|\n/).forEach((s,i)=>{let a=i+1,[u="",l="",...c]=s.split(/[,;\t]/).map(h=>h.trim().replace(/^"(.*)"$/s,"$1").trim());if(s.trim()===""||s.trimStart().startsWith("#")||t.length+r.length===0&&/^[a-z][a-z _]*$/i.test(u))return;let d=u.replace(/[\s().-]/g,"").replace(/^00/,"+"),f=l.toUpperCase()||null,m=h=>{r.push({line:a,text:s.trim().slice(0,60),reason:h})};if(c.some(Boolean))return m("has more than a number and a country");if(!/^\+?\d+$/.test(d))return m("is not a number: write it as +14155550100, or a short code as 12345");if(d.startsWith("+")&&!/^\+[1-9]\d{6,14}$/.test(d))return m("has too few or too many digits for an international number");if(!d.startsWith("+")&&!f)return m("is a short code, which needs its country, as in 12345,US; other numbers begin with +");if(f&&!/^[A-Z]{2}$/.test(f))return m("has a country that is not two letters, such as US");let p=o.get(d);if(p!==void 0)return m(`is the same as line ${p}`);o.set(d,a),t.push({line:a,phoneNumber:d,countryCode:f})}),{lines:t,bad:r}}var ra=["AVAILABLE","ASSIGNED","EXPIRED","BLOCKED"],bs={AVAILABLE:"free",ASSIGNED:"rented",EXPIRED:"cools down",BLOCKED:"blocked"};function vs(){let[e,t]=g(""),[r,o]=g(""),s={...e&&{status:e},...r.length===2&&{countryCode:r}},i=fe(zt,{filter:s},({phoneNumbers:c})=>c),[a,u]=g(!1),l=(c,d)=>x(wo,{input:{phoneNumberId:c,status:d}}).then(i.reload,I);return n(v,{children:[n("div",{class:"title",children:[n("h1",{children:"Numbers"}),n("button",{type:"button",class:"button primary",onClick:()=>u(!0),children:"Import numbers"})]}),n("div",{class:"filters",children:[n("label",{class:"choice",children:[n("span",{children:"Status"}),n("select",{value:e,onChange:c=>t(c.currentTarget.value),children:[n("option",{value:"",children:"Every status"}),ra.map(c=>n("option",{value:c,children:bs[c]},c))]})]}),n("label",{class:"choice",children:[n("span",{children:"Country"}),n("input",{type:"text",maxLength:2,placeholder:"US",value:r,onInput:c=>o(c.currentTarget.value.toUpperCase())})]}),i.totalCount!==null&&n("p",{class:"meta",children:i.totalCount===1?"1 number":`${i.totalCount} numbers`})]}),n(he,{caption:"Numbers",rows:i.nodes,keyOf:({id:c})=>c,columns:[["Number",({phoneNumber:c})=>n("bdi",{children:V(c)})],["Country",({countryCode:c})=>Ae(c)],["Provider",({provider:c})=>c?n("a",{href:`/console/providers/${c.id}`,children:c.name}):"none"],["Status",({status:c})=>n("span",{class:`tag ${c.toLowerCase()}`,children:bs[c]})],["Renter",({renter:c})=>c?.email??"\u2013"],["",({id:c,status:d,phoneNumber:f})=>d==="BLOCKED"?n("button",{type:"button",class:"button","aria-label":`Unblock ${V(f)}`,onClick:()=>l(c,"AVAILABLE"),children:"Unblock"}):n(oa,{number:V(f),isRented:d==="ASSIGNED",onBlock:()=>l(c,"BLOCKED")})]]}),n(ge,{list:i,children:[n("h2",{children:"No numbers"}),n("p",{children:"Import those that a provider gives you, or look for others."})]}),a&&n(sa,{onClose:()=>u(!1),onImported:i.reload})]})}function oa({number:e,isRented:t,onBlock:r}){let[o,s]=g(!1);return n(v,{children:[n("button",{type:"button",class:"button quiet danger","aria-label":`Block ${e}`,onClick:()=>s(!0),children:"Block"}),o&&n(K,{title:`Block ${e}?`,onClose:()=>s(!1),children:[n("p",{children:["Nobody can rent it until it is unblocked.",t&&" Whoever rents it now loses it at once."]}),n("div",{class:"actions",children:n("button",{type:"button",class:"button danger",onClick:()=>{r().then(()=>s(!1))},children:"Block the number"})})]})]})}function sa({onClose:e,onImported:t}){let{data:r}=ne(et,{first:100}),[o,s]=g(""),[i,a]=g(null),{lines:u,bad:l}=gs(o),c=async f=>f&&s(await f.text()),d=async({providerId:f=""})=>{if(!f)throw Object.assign(new Error("Choose one"),{field:"providerId"});if(u.length===0)throw Object.assign(new Error("There is no number to import"),{field:"numbers"});let m={added:0,known:0,bad:[...l]};for(let p=0;p<u.length;p+=1e3){let h=u.slice(p,p+1e3),b=h.map(({phoneNumber:S,countryCode:_})=>({phoneNumber:S,countryCode:_})),{importPhoneNumbers:y}=await x(_o,{input:{providerId:f,numbers:b}});if(y){m.added+=y.addedIds.length,m.known+=y.knownCount;for(let{index:S,message:_}of y.rejected){let A=h[S];A&&m.bad.push({line:A.line,text:A.phoneNumber,reason:_})}}}a(m),m.added>0&&R(m.added===1?"A number is imported.":`${m.added} numbers are imported.`),await t()};return i?n(K,{title:"Imported",onClose:e,children:[n("p",{children:[i.added," added, ",i.known," were there already, ",i.bad.length," left out."]}),n(ys,{bad:i.bad}),n("div",{class:"actions",children:n("button",{type:"button",class:"button primary",onClick:e,children:"Done"})})]}):n(K,{title:"Import numbers",onClose:e,children:n(U,{submit:u.length>0?`Import ${u.length===1?"a number":`${u.length} numbers`}`:"Import",onSubmit:d,children:[n(N,{label:"Provider",name:"providerId",children:f=>n("select",{...f,children:[n("option",{value:"",children:"Choose one"}),r?.providers?.nodes.map(({id:m,name:p,kind:h})=>n("option",{value:m,children:[p," (",be(h),")"]},m))]})}),n(N,{label:"Numbers",name:"numbers",hint:"One a line, as +14155550100; a country may follow: 12345,US. Nothing is imported before you say so.",children:f=>n("textarea",{...f,rows:7,class:"mono",spellcheck:!1,value:o,onInput:m=>s(m.currentTarget.value)})}),n("label",{class:"button file",children:["Read a CSV file",n("input",{type:"file",accept:".csv,.txt,text/csv,text/plain",onChange:f=>{c(f.currentTarget.files?.[0])}})]}),o.trim()&&n("p",{class:"meta",role:"status",children:[u.length===1?"1 number":`${u.length} numbers`," to import, ",l.length," ",l.length===1?"line is":"lines are"," left out."]}),n(ys,{bad:l})]})})}function ys({bad:e}){return e.length===0?null:n("ul",{class:"bad-lines",tabIndex:0,"aria-label":"Lines that are left out",children:[...e].sort((t,r)=>t.line-r.line).slice(0,200).map(({line:t,text:r,reason:o})=>n("li",{children:[n("strong",{children:["Line ",t]})," ",n("code",{children:r})," ",o]},`${t} ${o}`))})}var ia=new Intl.NumberFormat("en");function ie({value:e,label:t,to:r,isBad:o=!1}){let s=n(v,{children:[n("span",{class:o?"value bad":"value",children:ia.format(e)}),n("span",{class:"label",children:t})]});return n("li",{class:"figure",children:r?n("a",{href:r,children:s}):s})}function pn({title:e,children:t}){return n("section",{class:"card",children:[n("h2",{children:e}),n("ul",{class:"figures",children:t})]})}function _s(){let{data:e,error:t,isLoading:r,reload:o}=ne(go,{}),s=e?.stats;return n(v,{children:[n("div",{class:"title",children:[n("h1",{children:"Overview"}),n("button",{type:"button",class:"button",disabled:r,onClick:()=>{o()},children:"Refresh"})]}),t&&n("p",{class:"problem",role:"alert",children:se(t.message)}),s&&n("div",{class:"columns",children:[n(pn,{title:"Numbers",children:[n(ie,{value:s.phoneNumbers.available,label:"free",to:"/console/numbers"}),n(ie,{value:s.phoneNumbers.assigned,label:"rented"}),n(ie,{value:s.phoneNumbers.expired,label:"cooling down"}),n(ie,{value:s.phoneNumbers.blocked,label:"blocked"})]}),n(pn,{title:"Webhooks in 24 hours",children:[n(ie,{value:s.webhooks.received,label:"to an inbox",to:"/console/messages"}),n(ie,{value:s.webhooks.duplicate,label:"repeated"}),n(ie,{value:s.webhooks.quarantined,label:"nobody's"}),n(ie,{value:s.webhooks.unroutable,label:"unknown number",isBad:s.webhooks.unroutable>0}),n(ie,{value:s.webhooks.failed,label:"failed",isBad:s.webhooks.failed>0})]}),n(pn,{title:"Users",children:[n(ie,{value:s.users.total,label:"accounts",to:"/console/users"}),n(ie,{value:s.users.active,label:"active"}),n(ie,{value:s.users.premium,label:"premium"})]}),n(pn,{title:"Now",children:[n(ie,{value:s.messageCount,label:"messages kept"}),n(ie,{value:s.openConnectionCount,label:"open connections"})]})]}),!s&&r&&n("div",{class:"skeletons","aria-busy":"true",children:[n("i",{}),n("i",{})]})]})}function ws(){let e=fe(Ao,{},({otpPatterns:i})=>i),[t,r]=g(!1),o=(i,a)=>x(Co,{input:{otpPatternId:i,isActive:a}}).then(e.reload,I),s=i=>x(Ro,{input:{otpPatternId:i}}).then(e.reload,I);return n(v,{children:[n("div",{class:"title",children:[n("h1",{children:"Code patterns"}),n("button",{type:"button",class:"button primary",onClick:()=>r(!0),children:"Add a pattern"})]}),n("p",{class:"meta",children:"Codes are found by themselves. A pattern is for the sender whose codes are not."}),n(he,{caption:"Code patterns",rows:e.nodes,keyOf:({id:i})=>i,columns:[["Pattern",({pattern:i})=>n("code",{class:"wrap",children:i})],["For",({sender:i,provider:a})=>[i&&`sender ${i}`,a&&`provider ${a.name}`].filter(Boolean).join(", ")],["Service",({service:i})=>i??"\u2013"],["",({id:i,isActive:a,pattern:u})=>n("span",{class:"actions",children:[n("button",{type:"button",class:"button","aria-label":`${a?"Pause":"Use"} ${u}`,onClick:()=>o(i,!a),children:a?"Pause":"Use"}),n("button",{type:"button",class:"button quiet danger","aria-label":`Delete ${u}`,onClick:()=>s(i),children:"Delete"})]})]]}),n(ge,{list:e,children:[n("h2",{children:"No pattern"}),n("p",{children:"None is needed, as long as the codes are found."})]}),t&&n(aa,{onClose:()=>r(!1),onAdded:e.reload})]})}function aa({onClose:e,onAdded:t}){let{data:r}=ne(et,{first:100}),[o,s]=g("code is (?<code>\\d{4,8})"),[i,a]=g(""),[u,l]=g(null);return n(K,{title:"Add a pattern",onClose:e,children:n(U,{submit:"Add",onSubmit:async({sender:f="",providerId:m="",service:p=""})=>{let h={pattern:o,...f&&{sender:f},...m&&{providerId:m},...p&&{service:p}};await x(ko,{input:h}),R("The pattern is added; messages from now on are read with it."),e(),await t()},aside:n("button",{type:"button",class:"button",onClick:async()=>{try{let{testOtpPattern:f}=await x(Po,{pattern:o,text:i});l(f?`It finds ${f.code}${f.service?` of ${f.service}`:""}.`:"It finds no code.")}catch(f){l(se(f.message))}},children:"Try it"}),children:[n(N,{label:"Regular expression",name:"pattern",class:"mono",spellcheck:!1,value:o,onInput:f=>s(f.currentTarget.value),hint:n(v,{children:["It captures the code as ",n("code",{children:"(?<code>\u2026)"}),", and perhaps whose it is as ",n("code",{children:"(?<service>\u2026)"}),"."]})}),n(N,{label:"A text to try it on",name:"text",children:f=>n("textarea",{...f,rows:3,maxLength:1600,value:i,onInput:m=>a(m.currentTarget.value)})}),u&&n("p",{class:"notice",role:"status",children:u}),n("div",{class:"row",children:[n(N,{label:"Only of this sender",name:"sender"}),n(N,{label:"Only through this provider",name:"providerId",children:f=>n("select",{...f,children:[n("option",{value:"",children:"Every provider"}),r?.providers?.nodes.map(({id:m,name:p})=>n("option",{value:m,children:p},m))]})})]}),n(N,{label:"Whose codes they are",name:"service",hint:"Where the pattern does not capture it."})]})})}async function nr(e){try{return await navigator.clipboard.writeText(e),!0}catch{let t=document.createElement("textarea");t.value=e,t.className="off-screen",document.body.append(t),t.select();let r=document.execCommand("copy");return t.remove(),r||R("This browser does not let pages copy; select the text instead.",{isError:!0}),r}}function ee({text:e,what:t,label:r,onCopied:o,...s}){let[i,a]=g(!1);Z(()=>{if(!i)return;let l=setTimeout(()=>a(!1),1600);return()=>clearTimeout(l)},[i]);let u=async()=>{await nr(e)&&(a(!0),o?.())};return n("button",{type:"button",class:`button copy ${i?"copied":""} ${s.class??""}`,"aria-label":`Copy ${t}`,title:`Copy ${t}`,onClick:u,children:[n(Y,{name:i?"check":"copy"}),r&&n("span",{children:i?"Copied":r})]})}function xs(e){let t=Object.entries(e).filter(([r,o])=>r.startsWith("setting.")&&o.trim()!=="").map(([r,o])=>[r.slice(8),ua(o.trim())]);return t.length>0?Object.fromEntries(t):null}function ua(e){if(!/^([[{].*|true|false)$/s.test(e))return e;try{return JSON.parse(e)}catch{return e}}function la({isActive:e,health:t}){return e?t?t.hasWeakSecret?{level:"bad",text:"its secret is weak"}:t.failureCount>0?{level:"bad",text:`${t.failureCount} failures`}:t.refusalCount>0&&!t.lastMessageAt?{level:"bad",text:"every request is refused: is the secret right?"}:t.refusalCount>0?{level:"warn",text:`${t.refusalCount} refused`}:t.limitedCount>0?{level:"warn",text:`${t.limitedCount} over its limit`}:t.lastMessageAt?{level:"good",text:"well"}:{level:"off",text:"no message yet"}:{level:"warn",text:"unknown"}:{level:"off",text:"inactive"}}function rr({provider:e}){let{level:t,text:r}=la(e);return n("span",{class:`health ${t}`,children:[n("span",{class:"dot","aria-hidden":"true"}),r]})}function Ss(){let e=fe(et,{},({providers:o})=>o),[t,r]=g(!1);return n(v,{children:[n("div",{class:"title",children:[n("h1",{children:"Providers"}),n("button",{type:"button",class:"button primary",onClick:()=>r(!0),children:"Add a provider"})]}),n(he,{caption:"Providers",rows:e.nodes,keyOf:({id:o})=>o,columns:[["Name",({id:o,name:s})=>n("a",{href:`/console/providers/${o}`,children:s})],["Kind",({kind:o})=>be(o)],["Health",o=>n(rr,{provider:o})],["Messages, 24 h",({health:o})=>o?.messageCount??"\u2013"],["Last message",({health:o})=>o?.lastMessageAt?n(j,{time:o.lastMessageAt}):"none"]]}),n(ge,{list:e,children:[n("h2",{children:"No provider yet"}),n("p",{children:"A provider brings the messages. Add the account that you have at one, then import its numbers."})]}),t&&n(ca,{onClose:()=>r(!1)})]})}function ca({onClose:e}){let{data:t}=ne(bo,{}),r=[...t?.providerKinds??[]].sort((c,d)=>c.title.localeCompare(d.title)),[o,s]=g(""),[i,a]=g(null),u=r.find(c=>c.kind===o),l=async({name:c="",secret:d="",kind:f,...m})=>{if(!u)throw Object.assign(new Error("Choose one"),{field:"kind"});let p=xs(m),h={kind:u.kind,name:c,...d&&{secret:d},...p&&{configuration:p}},{createProvider:b}=await x(yo,{input:h});b&&a({provider:b.provider,secret:b.generatedSecret})};return i?n(K,{title:`${i.provider.name} is added`,onClose:()=>Re(`/console/providers/${i.provider.id}`),children:[n(or,{provider:i.provider}),i.secret&&n(v,{children:[n("p",{children:"Its secret, which is shown now and never again:"}),n("p",{class:"address",children:n("code",{children:i.secret})}),n(ee,{text:i.secret,what:"the secret",label:"Copy the secret"})]}),n("div",{class:"actions",children:n("a",{class:"button primary",href:`/console/providers/${i.provider.id}`,children:"Go on"})})]}):n(K,{title:"Add a provider",onClose:e,children:n(U,{submit:"Add",onSubmit:l,children:[n(N,{label:"Provider",name:"kind",children:c=>n("select",{...c,value:o,onChange:d=>s(d.currentTarget.value),children:[n("option",{value:"",children:"Choose one"}),r.map(({kind:d,title:f})=>n("option",{value:d,children:f},d))]})}),u&&n(da,{kind:u})]})})}function da({kind:e}){return n(v,{children:[n(N,{label:"Your own name for it",name:"name",defaultValue:e.kind.toLowerCase().replaceAll("_","-"),hint:"Its webhook address carries it: letters, digits, hyphens, underscores and dots."}),n(N,{label:"Secret",name:"secret",type:"password",autocomplete:"off",hint:e.secret}),e.settings.length>0&&n("details",{children:[n("summary",{children:["Settings (",e.settings.length,"), all optional unless they say otherwise"]}),e.settings.map(({name:t,description:r})=>n(N,{label:t,name:`setting.${t}`,hint:r},t))]})]})}function or({provider:e}){let t=r=>new URL(r,location.origin).href;return n("dl",{class:"addresses",children:[n("div",{children:[n("dt",{children:"Webhook for messages"}),n("dd",{children:[n("code",{children:t(e.webhookPath)}),n(ee,{text:t(e.webhookPath),what:"the webhook address",class:"quiet square"})]})]}),n("div",{children:[n("dt",{children:"Status callbacks"}),n("dd",{children:[n("code",{children:t(e.statusCallbackPath)}),n(ee,{text:t(e.statusCallbackPath),what:"the status callback address",class:"quiet square"})]})]})]})}function Ns({id:e}){let{data:t,error:r,reload:o}=ne(ho,{id:e}),s=t?.node&&"webhookPath"in t.node?t.node:null;if(r)return n("p",{class:"problem",role:"alert",children:se(r.message)});if(t&&!s)return n("div",{class:"empty",children:[n("h1",{children:"There is no such provider"}),n("p",{children:n("a",{href:"/console/providers",children:"All providers"})})]});if(!s)return n("div",{class:"skeletons","aria-busy":"true",children:[n("i",{}),n("i",{})]});let i=()=>x(Yt,{input:{providerId:e,isActive:!s.isActive}}).then(o,I);return n(v,{children:[n("p",{class:"crumb",children:n("a",{href:"/console/providers",children:"Providers"})}),n("div",{class:"title",children:[n("h1",{children:s.name}),n("button",{type:"button",class:"button",onClick:i,children:s.isActive?"Deactivate":"Activate"})]}),n("p",{class:"meta",children:[be(s.kind)," \xB7 ",n(rr,{provider:s})]}),n("div",{class:"columns",children:[n("section",{class:"card",children:[n("h2",{children:"Addresses"}),n("p",{class:"meta",children:"Paste them into the provider's console."}),n(or,{provider:s})]}),n(pa,{provider:s}),n(ma,{provider:s,onChanged:o}),n(fa,{provider:s,onChanged:o}),n(ha,{provider:s})]})]})}function pa({provider:{health:e}}){if(!e)return null;let t=[["Messages",e.messageCount],["Repeated",e.duplicateCount],["Unknown number",e.unroutableCount],["Refused",e.refusalCount],["Over the limit",e.limitedCount],["Failed",e.failureCount]];return n("section",{class:"card",children:[n("h2",{children:"Last 24 hours"}),n("ul",{class:"figures",children:t.map(([r,o])=>n("li",{class:"figure",children:[n("span",{class:"value",children:o}),n("span",{class:"label",children:r.toLowerCase()})]},r))}),n("p",{class:"meta",children:[e.lastMessageAt?n(v,{children:["Last message ",n(j,{time:e.lastMessageAt}),"."]}):"No message within 30 days.",e.lastRefusalAt&&n(v,{children:[" Last refusal ",n(j,{time:e.lastRefusalAt}),": ",e.lastRefusalReason,"."]})]}),e.hasWeakSecret&&n("p",{class:"notice",children:"Its secret can be guessed. Replace it."})]})}function ma({provider:e,onChanged:t}){let[r,o]=g(0),s=async({secret:i="",leaked:a})=>{await x(Yt,{input:{providerId:e.id,secret:i,endPreviousSecret:a!==void 0}}),R("The secret is replaced. Now tell it to the provider."),o(r+1),await t()};return n("section",{class:"card",children:[n("h2",{children:"Secret"}),n("p",{class:"meta",children:[e.secretVerifiedAt?n(v,{children:["A webhook was verified with it ",n(j,{time:e.secretVerifiedAt}),"."]}):"No webhook has been verified with it yet: send a test message from the provider.",e.secretChangedAt&&n(v,{children:[" Replaced ",n(j,{time:e.secretChangedAt}),"."]})]}),n(U,{submit:"Replace",onSubmit:s,children:[n(N,{label:"New secret",name:"secret",type:"password",autocomplete:"off",hint:"The one before stays good until a webhook has come with the new one."}),n("label",{class:"check",children:[n("input",{type:"checkbox",name:"leaked"}),"The one before has leaked: end it at once"]})]},r)]})}function fa({provider:e,onChanged:t}){return n("section",{class:"card",children:[n("h2",{children:"Settings"}),n(U,{submit:"Save",onSubmit:async({priority:o="",rateLimit:s="",configuration:i=""})=>{let a;try{a=JSON.parse(i||"{}")}catch{throw Object.assign(new Error("Must be JSON: an object"),{field:"configuration"})}await x(Yt,{input:{providerId:e.id,priority:Number(o),rateLimitPerMinute:Number(s),configuration:a}}),R("The settings are saved."),await t()},children:[n("div",{class:"row",children:[n(N,{label:"Priority",name:"priority",type:"number",min:1,max:1e3,defaultValue:String(e.priority),hint:"Numbers of the lowest are rented first."}),n(N,{label:"Webhooks a minute",name:"rateLimit",type:"number",min:1,defaultValue:String(e.rateLimitPerMinute)})]}),n(N,{label:"Configuration",name:"configuration",children:o=>n("textarea",{...o,rows:4,spellcheck:!1,class:"mono",defaultValue:JSON.stringify(e.configuration,null,2)})})]})]})}var ga={DELIVERED:"It is in the inbox of whoever rents the number.",DUPLICATE:"It had arrived before.",QUARANTINED:"It is kept, and nobody sees it: nobody rents the number.",UNROUTABLE:"The number is not this provider's."};function ha({provider:e}){let{data:t}=ne(zt,{first:100}),r=t?.phoneNumbers?.nodes.filter(a=>a.provider?.id===e.id)??[],[o,s]=g(null);return n("section",{class:"card",children:[n("h2",{children:"Test message"}),n("p",{class:"meta",children:"Received as if the provider had brought it."}),n(U,{submit:"Send it",onSubmit:async({to:a="",from:u="",text:l=""})=>{s(null);let{simulateInboundSms:c}=await x(vo,{input:{to:a,from:u,text:l}});if(c){let d=c.message?.otp?.code;s(`${ga[c.outcome]??c.outcome}${d?` Its code is ${d}.`:""}`)}},children:[n(N,{label:"To",name:"to",list:"numbers-of-provider",defaultValue:r[0]?.phoneNumber??"",hint:r.length===0&&t?"This provider has no numbers yet.":void 0},r[0]?.id??""),n("datalist",{id:"numbers-of-provider",children:r.map(({id:a,phoneNumber:u})=>n("option",{value:u},a))}),n(N,{label:"From",name:"from",defaultValue:"Example"}),n(N,{label:"Text",name:"text",defaultValue:"Your Example code is 482913."})]}),o&&n("p",{class:"notice",role:"status",children:o})]})}function Es(){let[e,t]=g(""),r=ba(e.trim()),s=fe(So,{filter:r?{emailContains:r}:{}},({users:a})=>a),i=async(a,u)=>{try{await x(No,{input:a}),R(`${u} is changed.`)}catch(l){I(l)}await s.reload()};return n(v,{children:[n("div",{class:"title",children:n("h1",{children:"Users"})}),n("div",{class:"filters",children:[n("label",{class:"choice",children:[n("span",{children:"E-mail"}),n("input",{type:"search",placeholder:"Part of an address",value:e,onInput:a=>t(a.currentTarget.value)})]}),s.totalCount!==null&&n("p",{class:"meta",children:s.totalCount===1?"1 user":`${s.totalCount} users`})]}),n(he,{caption:"Users",rows:s.nodes,keyOf:({id:a})=>a,columns:[["E-mail",({email:a,firstName:u,lastName:l,emailVerified:c})=>n(v,{children:[n("strong",{children:a}),n("p",{class:"meta",children:[[u,l].filter(Boolean).join(" "),!c&&" \xB7 not verified"]})]})],["Plan",({id:a,email:u,plan:l})=>n("select",{"aria-label":`Plan of ${u}`,value:l,onChange:c=>{i({userId:a,plan:c.currentTarget.value},u)},children:[n("option",{value:"FREE",children:"free"}),n("option",{value:"PREMIUM",children:"premium"})]})],["Role",({id:a,email:u,role:l})=>n("select",{"aria-label":`Role of ${u}`,value:l,disabled:a===Q.value?.id,onChange:c=>{i({userId:a,role:c.currentTarget.value},u)},children:[n("option",{value:"USER",children:"user"}),n("option",{value:"ADMIN",children:"administrator"})]})],["Last sign-in",({lastLogin:a})=>a?n(j,{time:a}):"never"],["",({id:a,email:u,isActive:l})=>a===Q.value?.id?n("span",{class:"tag",children:"you"}):n("button",{type:"button",class:l?"button quiet danger":"button","aria-label":`${l?"Deactivate":"Activate"} ${u}`,onClick:()=>{i({userId:a,isActive:!l},u)},children:l?"Deactivate":"Activate"})]]}),n(ge,{list:s,children:[n("h2",{children:"Nobody"}),n("p",{children:"No address has that in it."})]})]})}function ba(e){let[t,r]=g(e);return Z(()=>{let o=setTimeout(()=>r(e),250);return()=>clearTimeout(o)},[e]),t}var As=[["/console","Overview",_s],["/console/providers","Providers",Ss],["/console/numbers","Numbers",vs],["/console/messages","Where is my SMS?",ms],["/console/users","Users",Es],["/console/patterns","Code patterns",ws],["/console/audit","Audit log",ps]];function ya(e){let t=e?.querySelector("[aria-current]");e&&t&&(e.scrollLeft=t.offsetLeft-e.offsetLeft-24)}function Ps(){if(Q.value?.role!=="ADMIN")return n("div",{class:"empty",children:[n("h1",{children:"This is for administrators"}),n("p",{children:["Your account is not one. ",n("a",{href:"/",children:"Back to the inbox"})]})]});let e=Ne.value,t=e.startsWith("/console/providers/")?rs.value[2]:void 0,r=As.find(([o])=>o===e)?.[2];return n("div",{class:"console",children:[n("nav",{"aria-label":"Console",ref:ya,children:As.map(([o,s])=>n("a",{href:o,"aria-current":e===o||o!=="/console"&&e.startsWith(`${o}/`)?"page":void 0,children:s},o))}),n("div",{class:"page",children:t?n(Ns,{id:t},t):r&&n(r,{})})]})}var mn=/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/u,va=/\bhttps?:\/\/[^\s<>"'`{}|\\^]+/giu;function Cs(e){let t=[],r=0;for(let o of e.matchAll(va)){let s=o[0].replace(/[.,;:!?)\]]+$/u,""),i=_a(s);!i||mn.test(s)||(t.push(...ks(e.slice(r,o.index)),{kind:"link",text:s,url:i}),r=o.index+s.length)}return t.push(...ks(e.slice(r))),t}function _a(e){try{let t=new URL(e);return t.protocol==="https:"||t.protocol==="http:"?t:null}catch{return null}}function ks(e){return e.split(new RegExp(`(${mn.source})`,"u")).filter(Boolean).map(r=>mn.test(r)?{kind:"hidden",name:wa(r)}:{kind:"text",text:r})}function wa(e){return`U+${(e.codePointAt(0)??0).toString(16).toUpperCase().padStart(4,"0")}`}function Pe(e){return e>99?"99+":`${e}`}function Me(e){return e.replace(new RegExp(mn.source,"gu"),"").replace(/\s+/gu," ").trim()}var Rs="otpwire-announce",ot=L(localStorage.getItem(Rs)==="yes"),sr=L("");async function Ms(e){return ot.value=e,localStorage.setItem(Rs,e?"yes":"no"),e?(Os(),!("Notification"in globalThis)||!isSecureContext?"Sound is on. Notifications need https.":await Notification.requestPermission()==="granted"?null:"Sound is on. This browser does not allow notifications for this page."):null}var Ts=new BroadcastChannel("otpwire-announced"),Is="";Ts.onmessage=({data:e})=>Is=e;function Ds(){let e=document.title;pe(()=>{document.title=Qe.value>0?`(${Pe(Qe.value)}) ${e}`:e}),pe(()=>{let t=nn.value[0];t&&(sr.value=xa(t,nn.value.length),!(!ot.value||Is===t.id)&&(Ts.postMessage(t.id),Os(),document.hidden&&"Notification"in globalThis&&Notification.permission==="granted"&&Sa(t)))})}function xa(e,t){if(t>1)return`${t} new messages`;let r=Me(e.otp?.service??e.senderNumber);return e.otp?`New code of ${r}: ${[...e.otp.code].join(" ")}`:`New message of ${r}`}function Sa({id:e,otp:t,senderNumber:r,messageContent:o}){let s=t?`${t.code} \xB7 ${Me(t.service??r)}`:Me(r),i=new Notification(s,{body:Me(o).slice(0,120),tag:e,icon:"/assets/icon.svg"});i.onclick=()=>{focus(),i.close()}}function Os(){try{let e=new AudioContext;[660,880].forEach((t,r)=>{let[o,s]=[e.createOscillator(),e.createGain()],i=e.currentTime+r*.12;o.frequency.value=t,s.gain.setValueAtTime(1e-4,i),s.gain.exponentialRampToValueAtTime(.12,i+.02),s.gain.exponentialRampToValueAtTime(1e-4,i+.25),o.connect(s).connect(e.destination),o.start(i),o.stop(i+.3)}),setTimeout(()=>{e.close()},1e3)}catch{}}function $s(){let e=Q.value;return e?n("div",{class:"page columns",children:[n("div",{class:"title",children:[n("h1",{children:"Account"}),n("button",{type:"button",class:"button",onClick:()=>{Kn().catch(I)},children:"Sign out"})]}),n(Na,{user:e}),n(Ea,{user:e}),n(Aa,{}),n(ka,{})]}):null}function Na({user:e}){let t=async({firstName:o="",lastName:s=""})=>{await x(ao,{input:{firstName:o,lastName:s}}),await an(),R("Your name is saved.")},r=()=>x(jt,{input:{email:e.email}}).then(()=>R("A mail is on its way."),I);return n("section",{class:"card",children:[n("h2",{children:"Profile"}),n("p",{class:"meta",children:[e.email," \xB7 ",e.plan==="PREMIUM"?"premium":"free"," plan",e.role==="ADMIN"&&" \xB7 administrator"]}),!e.emailVerified&&n("p",{class:"notice",children:["Your address is not verified yet. ",n("button",{type:"button",class:"button",onClick:r,children:"Send the mail again"})]}),n(U,{submit:"Save",onSubmit:t,children:n("div",{class:"row",children:[n(N,{label:"First name",name:"firstName",autocomplete:"given-name",defaultValue:e.firstName??""}),n(N,{label:"Last name",name:"lastName",autocomplete:"family-name",defaultValue:e.lastName??""})]})})]})}function Ea({user:e}){let[t,r]=g(0);return n("section",{class:"card",children:[n("h2",{children:"Password"}),n(U,{submit:"Change the password",onSubmit:async({currentPassword:s="",newPassword:i=""})=>{await zr(s,i),R("The password is changed. Every other session has ended."),r(t+1)},children:[n("input",{type:"hidden",name:"username",autocomplete:"username",value:e.email}),n(N,{label:"Current password",name:"currentPassword",type:"password",autocomplete:"current-password"}),n(N,{label:"New password",name:"newPassword",type:"password",autocomplete:"new-password",hint:"8 to 128 characters, and not easy to guess."})]},t)]})}function Aa(){let{data:e,reload:t}=ne(uo,{}),r=s=>x(lo,{input:{sessionId:s}}).then(t,I);return n("section",{class:"card",children:[n("div",{class:"title",children:[n("h2",{children:"Sessions"}),n("button",{type:"button",class:"button danger",onClick:async()=>{try{await x(co),await Kn()}catch(s){I(s)}},children:"Sign out everywhere"})]}),n("ul",{class:"rows",children:e?.sessions?.map(({id:s,isCurrent:i,userAgent:a,ipAddress:u,lastUsedAt:l})=>n("li",{children:[n("div",{children:[n("strong",{children:Pa(a)}),i&&n("span",{class:"tag",children:"this one"}),n("p",{class:"meta",children:[u??"an unknown address"," \xB7 ",n(j,{time:l})]})]}),!i&&n("button",{type:"button",class:"button quiet danger",onClick:()=>r(s),children:"End"})]},s))})]})}function Pa(e){if(!e)return"Unknown program";let t=/(Edg|OPR|Firefox|Chrome|Safari|curl|otpwire)[/ ]/.exec(e)?.[1],r=/(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(e)?.[1];return t?[{Edg:"Edge",OPR:"Opera"}[t]??t,r&&`on ${r==="Mac OS X"?"macOS":r}`].filter(Boolean).join(" "):e.slice(0,40)}var Ls=[["READ_MESSAGES","Read messages",!0],["RENT_NUMBERS","Rent numbers",!0],["LEASE_NUMBERS","Lease numbers, and read what comes meanwhile",!1]];function ka(){let{data:e,reload:t}=ne(po,{}),[r,o]=g(null),[s,i]=g(!1),a=l=>x(fo,{input:{apiKeyId:l}}).then(t,I),u=async({name:l="",days:c="",...d})=>{let f=Ls.map(([p])=>p).filter(p=>p in d),{createApiKey:m}=await x(mo,{input:{name:l,scopes:f,expiresInDays:c?Number(c):null}});i(!1),o(m?.key??null),t()};return n("section",{class:"card",children:[n("div",{class:"title",children:[n("h2",{children:"Keys for programs"}),n("button",{type:"button",class:"button",onClick:()=>i(!0),children:"Make one"})]}),e?.apiKeys?.length===0&&n("p",{class:"meta",children:"With a key, a test pipeline rents numbers and waits for codes, and your password stays yours."}),n("ul",{class:"rows",children:e?.apiKeys?.map(({id:l,name:c,prefix:d,lastUsedAt:f,expiresAt:m})=>n("li",{children:[n("div",{children:[n("strong",{children:c}),n("p",{class:"meta",children:[n("code",{children:[d,"\u2026"]})," \xB7 ",f?n(v,{children:["used ",n(j,{time:f})]}):"never used",m&&n(v,{children:[" \xB7 ends ",m.slice(0,10)]})]})]}),n("button",{type:"button",class:"button quiet danger",onClick:()=>a(l),children:"Revoke"})]},l))}),s&&n(K,{title:"A key for a program",onClose:()=>i(!1),children:n(U,{submit:"Make the key",onSubmit:u,children:[n(N,{label:"Name",name:"name",placeholder:"CI"}),n("fieldset",{class:"checks",children:[n("legend",{children:"It may"}),Ls.map(([l,c,d])=>n("label",{children:[n("input",{type:"checkbox",name:l,defaultChecked:d}),c]},l))]}),n(N,{label:"Ends after days",name:"days",type:"number",min:1,max:365,hint:"1 to 365. Empty: it does not end."})]})}),r&&n(K,{title:"Your new key",onClose:()=>o(null),children:[n("p",{children:"It is shown now and never again."}),n("p",{class:"address",children:n("code",{children:r})}),n("div",{class:"actions",children:n(ee,{text:r,what:"the key",class:"primary",label:"Copy the key"})})]})]})}function Ve({title:e,lead:t,children:r}){return n("section",{class:"card narrow",children:[n("h1",{children:e}),t&&n("p",{class:"lead",children:t}),r]})}var fn={label:"E-mail",name:"email",type:"email",autocomplete:"username",inputMode:"email"},Us={type:"password",autocomplete:"new-password",hint:"8 to 128 characters, and not easy to guess."};function Vs(){return n(Ve,{title:"Sign in",lead:"Numbers for a while, and the codes that arrive on them, as they arrive.",children:[n(U,{submit:"Sign in",onSubmit:({email:e="",password:t=""})=>_t({email:e,password:t}),children:[n(N,{...fn}),n(N,{label:"Password",name:"password",type:"password",autocomplete:"current-password"})]}),n("p",{class:"fine",children:[n("a",{href:"/forgot-password",children:"Forgot your password?"})," \xB7 ",n("a",{href:"/register",children:"Make an account"})]})]})}function Fs(){return n(Ve,{title:"Make an account",children:[n(U,{submit:"Make the account",onSubmit:async({email:t="",password:r="",firstName:o,lastName:s})=>{await x(ro,{input:{email:t,password:r,firstName:o||null,lastName:s||null}}),await _t({email:t,password:r}),R(`Welcome. A mail to ${t} verifies your address.`)},children:[n(N,{...fn}),n(N,{label:"Password",name:"password",...Us}),n("div",{class:"row",children:[n(N,{label:"First name (optional)",name:"firstName",autocomplete:"given-name"}),n(N,{label:"Last name (optional)",name:"lastName",autocomplete:"family-name"})]})]}),n("p",{class:"fine",children:["You have one? ",n("a",{href:"/sign-in",children:"Sign in"})]})]})}function Ks(){let[e]=g(()=>At("token")),[t,r]=g("working");Z(()=>{e&&x(oo,{input:{token:e}}).then(()=>r("done"),s=>r(se(`The link ${s.message}`)))},[]);let o=async({email:s=""})=>{await x(jt,{input:{email:s}}),R("If there is an account with this address that is not verified, a mail is on its way.")};return e&&t==="working"?n(Ve,{title:"One moment\u2026",children:n("p",{children:"Your address is being verified."})}):e&&t==="done"?n(Ve,{title:"Your address is verified",lead:"Sessions from before have ended, so sign in again.",children:n("p",{children:n("a",{class:"button primary",href:"/sign-in",children:"Sign in"})})}):n(Ve,{title:"Verify your address",lead:e?t:"The link in the mail does it. Without the mail, have it sent again.",children:n(U,{submit:"Send the mail again",onSubmit:o,children:n(N,{...fn})})})}function Bs(){let[e,t]=g(!1),r=async({email:o=""})=>{await x(so,{input:{email:o}}),t(!0)};return e?n(Ve,{title:"Look into your mail",lead:"If there is an account with this address, a mail with a link is on its way. The link is good for an hour.",children:n("p",{class:"fine",children:n("a",{href:"/sign-in",children:"Back"})})}):n(Ve,{title:"A new password",lead:"A mail brings you a link with which you can set one.",children:[n(U,{submit:"Send the mail",onSubmit:r,children:n(N,{...fn})}),n("p",{class:"fine",children:n("a",{href:"/sign-in",children:"Back"})})]})}function Ws(){let[e]=g(()=>At("token")??"");return n(Ve,{title:"Set a new password",lead:"Every session and API key of the account ends.",children:n(U,{submit:"Set the password",onSubmit:async({password:r=""})=>{try{await x(io,{input:{token:e,password:r}})}catch(o){throw o instanceof oe&&o.field==="token"?new oe(o.code,`The link ${o.message}`):o}R("The password is set. Sign in with it."),Re("/sign-in")},children:n(N,{label:"New password",name:"password",...Us})})})}var qs=[["j","k","the next and the previous message"],["c","","copy the code"],["o","Enter","show the whole text"],["r","","mark as read"],["#","Delete","delete"],["n","","rent a number"],["/","","search"],["?","","show the keys"]],Ca={j:"next",ArrowDown:"next",k:"previous",ArrowUp:"previous",c:"copy",o:"open",Enter:"open",r:"read","#":"delete",Delete:"delete",n:"rent","/":"search","?":"help"};function Gs(e){Z(()=>{let t=r=>{let o=r.target instanceof Element?r.target:null,s=r.defaultPrevented||r.ctrlKey||r.metaKey||r.altKey||o?.closest("input, select, textarea, dialog")||r.key==="Enter"&&o?.closest("a, button"),i=Ca[r.key];i&&!s&&e(i)&&r.preventDefault()};return document.addEventListener("keydown",t),()=>document.removeEventListener("keydown",t)})}function Hs({text:e}){let[t,r]=g(null);return n(v,{children:[n("p",{class:"text",dir:"auto",children:Cs(e).map(o=>{switch(o.kind){case"text":return o.text;case"hidden":return n("span",{class:"hidden-character",title:"A character that nobody sees",children:o.name});case"link":return n("button",{type:"button",class:"link",onClick:()=>r(o.url),children:o.text})}})}),t&&n(Ra,{url:t,onClose:()=>r(null)})]})}function Ra({url:e,onClose:t}){return n(K,{title:"Open this address?",onClose:t,children:[n("p",{children:["A stranger sent it. It leads to ",n("strong",{children:n("bdi",{children:e.host})}),":"]}),n("p",{class:"address",children:n("bdi",{children:e.href})}),n("div",{class:"actions",children:[n("a",{class:"button primary",href:e.href,target:"_blank",rel:"noopener noreferrer",onClick:t,children:"Open in a new tab"}),n(ee,{text:e.href,what:"the address",label:"Copy"})]})]})}var Qs=un(({message:e,isOpen:t,onToggle:r})=>{let{otp:o,senderNumber:s,phoneNumber:i,isRead:a,messageType:u}=e,l=Me(o?.service??s)||"Unknown sender";return n("li",{class:`message ${a?"is-read":"unread"} ${t?"open":""}`,"data-id":e.id,children:n("article",{"aria-label":`${a?"":"Unread: "}${l}${o?`, code ${o.code}`:""}`,tabIndex:-1,children:[n("span",{class:`avatar hue-${Ia(l)}`,"aria-hidden":"true",children:[...l][0]?.toUpperCase()}),n("div",{class:"who",children:[n("h2",{children:[n("bdi",{children:l}),!a&&n("span",{class:"unread-dot",title:"Unread"})]}),n("p",{class:"meta",children:[o?.service&&o.service.toLowerCase()!==s.toLowerCase()&&n(v,{children:[n("bdi",{children:Me(V(s))})," \xB7 "]}),"to ",n("bdi",{children:V(i)})," \xB7 ",n(j,{time:e.receivedAt})]})]}),o?n(Ma,{code:o.code,name:l,message:e}):u==="VERIFICATION"&&n("span",{class:"tag",children:"Confirmation"}),n("button",{type:"button",class:"preview","aria-expanded":t,onClick:()=>r(e),children:[n("span",{class:"off-screen",children:[t?"Hide":"Show"," the whole text of ",l,": "]}),n("span",{class:"preview-text",dir:"auto",children:t?"Hide the text":Me(e.messageContent)}),n(Y,{name:"down"})]}),t&&n(Ta,{message:e})]})})});function Ma({code:e,name:t,message:r}){let o=/^\d{6,9}$/.test(e)?e.match(e.length%3===0?/.{3}/g:/.{1,4}/g)??[e]:[e];return n("div",{class:"code-line",children:[n("span",{class:"code",children:o.map((s,i)=>n("span",{children:s},i))}),n(ee,{text:e,what:`the code of ${t}`,class:"strong",label:"Copy",onCopied:()=>{rt(r).catch(I)}})]})}function Ta({message:e}){let[t,r]=g(!1),o=()=>sn(e).then(()=>R("The message is deleted."),I);return n("div",{class:"details",children:[n(Hs,{text:e.messageContent}),e.media.length>0&&n("p",{class:"meta",children:[e.media.length===1?"A file came with it":`${e.media.length} files came with it`,"; it stays at the provider."]}),n("div",{class:"actions",children:[n(ee,{text:e.messageContent,what:"the text",label:"Copy the text"}),t?n(v,{children:[n("button",{type:"button",class:"button danger",onClick:o,children:"Delete for good"}),n("button",{type:"button",class:"button quiet",onClick:()=>r(!1),children:"Keep"})]}):n("button",{type:"button",class:"button quiet danger",onClick:()=>r(!0),children:[n(Y,{name:"trash"}),"Delete"]})]})]})}function Ia(e){let t=0;for(let r of e.toLowerCase())t=(t*31+(r.codePointAt(0)??0))%997;return t%8}var Da=[["","Every type"],["OTP","Codes"],["VERIFICATION","Confirmations"],["SMS","Others"]];function st(e){H.value={...H.value,...e}}function js(){let[e,t]=g(!1),{text:r,phoneNumberId:o,service:s,sender:i,type:a,unread:u}=H.value,{services:l,senders:c}=Ho(k.value?.messages??[]),d=new Map(k.value?.messages.map(m=>[m.phoneNumberId,m.phoneNumber]));for(let m of me.value??[])d.set(m.id,m.phoneNumber);let f=[o,s,i,a].filter(Boolean).length;return n("search",{class:"search",children:[n("label",{class:"search-text",children:[n(Y,{name:"search"}),n("span",{class:"off-screen",children:"Search the messages"}),n("input",{id:"search",type:"search",placeholder:"Search",value:r,onInput:m=>st({text:m.currentTarget.value})}),n("kbd",{"aria-hidden":"true",children:"/"})]}),n("div",{class:"toggles",children:[n("button",{type:"button",class:"button","aria-pressed":u,onClick:()=>st({unread:!u}),children:"Unread"}),n("button",{type:"button",class:"button","aria-expanded":e,onClick:()=>t(!e),children:["Filters",f>0&&n("span",{class:"badge",children:f})]}),tt(H.value)&&n("button",{type:"button",class:"button quiet",onClick:()=>H.value=Se,children:"Clear"})]}),e&&n("div",{class:"filters",children:[n(gn,{label:"Number",value:o,options:[["","Every number"],...[...d].map(([m,p])=>[m,V(p)])],onChange:m=>st({phoneNumberId:m})}),n(gn,{label:"Service",value:s,options:[["","Every service"],...l.map(m=>[m,m])],onChange:m=>st({service:m})}),n(gn,{label:"Sender",value:i,options:[["","Every sender"],...c.map(m=>[m,m])],onChange:m=>st({sender:m})}),n(gn,{label:"Type",value:a,options:Da,onChange:m=>st({type:m})})]})]})}function gn({label:e,value:t,options:r,onChange:o}){return n("label",{class:"choice",children:[n("span",{children:e}),n("select",{value:t,onChange:s=>o(s.currentTarget.value),children:r.map(([s,i])=>n("option",{value:s,children:i},s))})]})}var Oa=24*36e5;function Ys(){let e=me.value;return n("div",{class:"page",children:[n("div",{class:"title",children:n("h1",{children:"Numbers"})}),e?.length?n("ul",{class:"grid",children:e.map(t=>n(La,{number:t},t.id))}):e&&n("div",{class:"empty",children:[n("h2",{children:"You rent no number yet"}),n("p",{children:"Choose a country below. The number is yours for as long as you say, and codes that are sent to it appear in the inbox."})]}),n("h2",{children:"Rent a number"}),n(Xs,{})]})}function La({number:e}){let[t,r]=g(!1),[o,s]=g(!1),i=V(e.phoneNumber),a=rn.value.get(e.id)??0,u=k.value?.messages.filter(({phoneNumberId:c})=>c===e.id).length??0,l=()=>{H.value={...Se,phoneNumberId:e.id},Re("/")};return n("li",{class:"card number",children:[n("div",{class:"line",children:[n("h2",{children:n("bdi",{children:i})}),n(ee,{text:e.phoneNumber,what:`the number ${i}`,class:"quiet square"})]}),n("p",{class:"meta",children:[Ae(e.countryCode),e.expiresAt&&n(v,{children:[" \xB7 ",n(Y,{name:"clock"})," ",n(cn,{until:e.expiresAt})," left"]}),e.isGranted&&" \xB7 granted to a pool of yours"]}),n($a,{number:e}),n("div",{class:"actions",children:[n("button",{type:"button",class:"button",onClick:l,children:[u===1?"1 message":`${Pe(u)} messages`,a>0&&n("span",{class:"badge",children:[Pe(a),n("span",{class:"off-screen",children:" unread"})]})]}),n("button",{type:"button",class:"button",onClick:()=>r(!0),disabled:zs(e)<1,children:"Extend"}),n("button",{type:"button",class:"button quiet danger",onClick:()=>s(!0),children:"Release"})]}),t&&n(Ua,{number:e,onClose:()=>r(!1)}),o&&n(Va,{number:e,onClose:()=>s(!1)})]})}function $a({number:e}){let[t,r]=g(null),o=async s=>{try{let{labelPhoneNumber:i}=await x(Fo,{input:{phoneNumberId:e.id,label:s.trim()||null}});i&&nt(i.phoneNumber),r(null)}catch(i){I(i)}};return n("label",{class:"note",children:[n(Y,{name:"note"}),n("span",{class:"off-screen",children:["Note on ",V(e.phoneNumber)]}),n("input",{type:"text",maxLength:50,placeholder:"A note of your own",value:t??e.label??"",onInput:s=>r(s.currentTarget.value),onChange:s=>{o(s.currentTarget.value)}})]})}function zs({assignedAt:e,expiresAt:t}){return!e||!t?0:Math.floor((Date.parse(e)+Oa-Date.parse(t))/36e5)}var ir=e=>e===1?"1 hour":`${e} hours`;function Js({most:e,name:t="hours",initial:r=1}){let[o,s]=g(Math.min(r,e));return n(N,{label:"For how long",name:t,children:i=>n("span",{class:"range",children:[n("input",{...i,type:"range",min:1,max:e,value:o,"aria-valuetext":ir(o),onInput:a=>s(a.currentTarget.valueAsNumber)}),n("output",{children:ir(o)})]})})}function Ua({number:e,onClose:t}){let[r]=g(hn),o=async({hours:s="1"})=>{let i={phoneNumberId:e.id,durationHours:Number(s),idempotencyKey:r},{extendPhoneNumber:a}=await x(Uo,{input:i});a&&nt(a.phoneNumber),R(`${V(e.phoneNumber)} is yours for longer.`),t()};return n(K,{title:`Extend ${V(e.phoneNumber)}`,onClose:t,children:n(U,{submit:"Extend",onSubmit:o,children:[n(Js,{most:zs(e)}),n("p",{class:"hint",children:"A rental may last 24 hours in all."})]})})}function Va({number:e,onClose:t}){let r=async()=>{let{releasePhoneNumber:o}=await x(Vo,{input:{phoneNumberId:e.id}});o&&nt(o.phoneNumber),R(`${V(e.phoneNumber)} is given back.`),t()};return n(K,{title:`Release ${V(e.phoneNumber)}?`,onClose:t,children:[n("p",{children:"Codes that are sent to it from now on do not reach you. The messages that it has received stay in your inbox."}),n(U,{submit:"Release the number",onSubmit:r,children:null})]})}function Xs({onRented:e}){let[t,r]=g(hn),o=[...zn.value].sort((l,c)=>Ae(l.code).localeCompare(Ae(c.code))),s=o.find(({availableCount:l})=>l>0)?.code,[i,a]=g(null),u=async({hours:l="1"})=>{let c=i??s;if(!c)throw new Error("No number is free now");try{let{assignPhoneNumber:d}=await x($o,{input:{countryCode:c,durationHours:Number(l),idempotencyKey:t}});if(r(hn()),!d)return;nt(d.phoneNumber),tn().catch(()=>{}),R(`${V(d.phoneNumber.phoneNumber)} is yours for ${ir(Number(l))}.`),e?.()}catch(d){throw d instanceof oe&&d.code!=="OFFLINE"&&r(hn()),d instanceof oe?Fa(d,c):d}};return me.value===null?n("div",{class:"skeletons","aria-busy":"true",role:"status",children:[n("span",{class:"off-screen",children:"Loading"}),n("i",{}),n("i",{})]}):o.length===0?n("div",{class:"empty",children:[n("h2",{children:"There are no numbers to rent"}),n("p",{children:"The operator of this server has to add some first."})]}):n(U,{submit:"Rent a number",onSubmit:u,class:"form rent",children:[n("fieldset",{class:"countries",children:[n("legend",{children:"Country"}),n("div",{class:"choices",children:o.map(({code:l,availableCount:c})=>n("label",{class:c===0?"none":void 0,children:[n("input",{type:"radio",name:"country",value:l,checked:l===(i??s),disabled:c===0,onChange:()=>a(l)}),n("span",{class:"code","aria-hidden":"true",children:l}),n("span",{class:"name",children:Ae(l)}),n("span",{class:"count",children:c===0?"none free":`${c} free`})]},l))})]}),n(Js,{most:24})]})}function Fa(e,t){switch(e.code){case"NO_NUMBER_AVAILABLE":{let r=e.details.availableAt,o=typeof r=="string"?Math.max(1,Math.ceil((Date.parse(r)-Ee.value)/6e4)):null,s=o===null?"":` One becomes free in ${o===1?"a minute":`${o} minutes`}.`;return new Error(`Every number of ${Ae(t)} is taken now.${s}`)}case"EMAIL_NOT_VERIFIED":return new Error("Verify your e-mail address first, with the link in the mail. Your account page sends it again.");default:return e}}function hn(){return Array.from(crypto.getRandomValues(new Uint8Array(16)),e=>e.toString(16).padStart(2,"0")).join("")}function Zs({onClose:e}){return n(K,{title:"Rent a number",onClose:e,children:n(Xs,{onRented:e})})}var ar=100;function ur(){let[e,t]=g(null),[r,o]=g(null),[s,i]=g(new Set),[a,u]=g(ar),l=Et.value.slice(0,a),c=Et.value.length>a||(k.value?.older??null)!==null,d=l.find(({id:b})=>b===r),f=pt(b=>{i(y=>{let S=new Set(y);return S.delete(b.id)||S.add(b.id),S}),rt(b).catch(I)},[]),m=()=>{u(a+ar),Et.value.length<a+ar&&Zn().catch(I)},p=b=>{o(y=>{let S=l.findIndex(({id:_})=>_===y);return l[Math.max(0,Math.min(l.length-1,S+b))]?.id??y})},h=async({otp:b,...y})=>{!b||!await nr(b.code)||(R(`${b.code} is copied.`),await rt({otp:b,...y}))};return Gs(b=>{switch(b){case"next":return p(1),!0;case"previous":return p(-1),!0;case"rent":return t("rent"),!0;case"help":return t("keys"),!0;case"search":return document.getElementById("search")?.focus(),!0}let y=d??l[0];if(!y)return!1;switch(o(y.id),b){case"copy":return h(y).catch(I),!0;case"open":return f(y),!0;case"read":return rt(y).catch(I),!0;case"delete":return t("delete"),!0}}),Z(()=>{if(!r)return;let b=document.querySelector(`[data-id="${CSS.escape(r)}"] > article`);b?.focus({preventScroll:!0}),b?.scrollIntoView({block:"nearest"})},[r]),n("div",{class:"inbox",children:[n("aside",{"aria-label":"Your numbers",children:n(Ka,{onRent:()=>t("rent")})}),n("section",{"aria-label":"Messages",children:[n("div",{class:"title",children:[n("h1",{children:"Inbox"}),n("div",{class:"tools",children:[Qe.value>0&&n("button",{type:"button",class:"button quiet",onClick:()=>{es().catch(I)},children:"Mark all read"}),n(Wa,{}),n("button",{type:"button",class:"button quiet square keys","aria-label":"Keys",title:"Keys",onClick:()=>t("keys"),children:n(Y,{name:"keyboard"})})]})]}),n(js,{}),Nt.value&&n("p",{class:"notice",role:"alert",children:["Messages came while this page was away, and have expired since. What is kept is below.",n("button",{type:"button",class:"button quiet",onClick:()=>Nt.value=!1,children:"All right"})]}),n("p",{class:"off-screen","aria-live":"polite",children:sr.value}),l.length>0?n("ol",{class:"messages",children:l.map(b=>n(Qs,{message:b,isOpen:s.has(b.id),onToggle:f},b.id))}):n(qa,{onRent:()=>t("rent")}),l.length>0&&c&&n("p",{class:"more",children:n("button",{type:"button",class:"button",disabled:He.value,onClick:m,children:He.value?"One moment\u2026":"Show older ones"})})]}),e==="rent"&&n(Zs,{onClose:()=>t(null)}),e==="keys"&&n(Ga,{onClose:()=>t(null)}),e==="delete"&&d&&n(Ha,{message:d,onClose:()=>t(null)})]})}function Ka({onRent:e}){let t=H.value.phoneNumberId;return n(v,{children:[n("div",{class:"title",children:[n("h2",{children:"Your numbers"}),n("button",{type:"button",class:"button",onClick:e,children:[n(Y,{name:"plus"}),"Rent"]})]}),n("ul",{class:"number-list",children:me.value?.map(r=>n(Ba,{number:r,isChosen:t===r.id},r.id))})]})}function Ba({number:e,isChosen:t}){let r=rn.value.get(e.id)??0;return n("li",{class:t?"chosen":void 0,children:[n("button",{type:"button",class:"pick","aria-pressed":t,onClick:()=>H.value={...H.value,phoneNumberId:t?"":e.id},title:t?"Show every number":"Show only this number",children:[n("strong",{children:n("bdi",{children:V(e.phoneNumber)})}),n("span",{class:"meta",children:[e.label??Ae(e.countryCode),e.expiresAt&&n(v,{children:[" \xB7 ",n(cn,{until:e.expiresAt})]})]})]}),r>0&&n("span",{class:"badge",children:[Pe(r),n("span",{class:"off-screen",children:" unread"})]}),n(ee,{text:e.phoneNumber,what:`the number ${V(e.phoneNumber)}`,class:"quiet square"})]})}function Wa(){let e=async()=>{let r=await Ms(!ot.value);r&&R(r)},t="Sound and notifications";return n("button",{type:"button",class:"button quiet square","aria-pressed":ot.value,"aria-label":t,title:t,onClick:e,children:n(Y,{name:ot.value?"bell":"bellOff"})})}function qa({onRent:e}){if(!k.value)return n("div",{class:"skeletons","aria-busy":"true",role:"status",children:[n("span",{class:"off-screen",children:"Loading"}),n("i",{}),n("i",{}),n("i",{})]});if(tt(H.value))return n("div",{class:"empty",children:[n("h2",{children:"Nothing fits"}),n("p",{children:"No message has all of what you are looking for."}),n("button",{type:"button",class:"button",onClick:()=>H.value=Se,children:"Show everything"})]});let t=me.value?.[0];return t?n("div",{class:"empty",children:[n("h2",{children:"Waiting for a code"}),n("p",{children:"Give this number to whoever sends you one. It appears here by itself."}),n("p",{class:"big",children:n("bdi",{children:V(t.phoneNumber)})}),n(ee,{text:t.phoneNumber,what:"the number",label:"Copy the number"})]}):n("div",{class:"empty",children:[n("h2",{children:"Rent a number first"}),n("p",{children:"It is yours for as long as you say, from an hour to a day. Codes that are sent to it appear here by themselves."}),n("button",{type:"button",class:"button primary",onClick:e,children:"Rent a number"})]})}function Ga({onClose:e}){return n(K,{title:"Keys",onClose:e,children:n("dl",{class:"key-list",children:qs.map(([t,r,o])=>n("div",{children:[n("dt",{children:[n("kbd",{children:t}),r&&n(v,{children:[" ",n("kbd",{children:r})]})]}),n("dd",{children:o})]},t))})})}function Ha({message:e,onClose:t}){return n(K,{title:"Delete the message?",onClose:t,children:[n("p",{children:"It is gone for good."}),n("div",{class:"actions",children:[n("button",{type:"button",class:"button danger",onClick:()=>sn(e).then(()=>R("The message is deleted."),I).finally(t),children:"Delete"}),n("button",{type:"button",class:"button quiet",onClick:t,children:"Keep"})]})]})}var Qa={live:["Live","Connected: messages appear as they arrive."],connecting:["Connecting","Connecting to the server."],waiting:["Reconnecting","The connection was lost and is being made again. Nothing is missed."],offline:["Offline","There is no network. What arrives meanwhile appears when it is back."]};function ja(){let[e,t]=Qa[Ue.value];return n("span",{class:`connection ${Ue.value}`,title:t,role:"status",children:[n("span",{class:"dot","aria-hidden":"true"}),n("span",{class:"label",children:e})]})}function bn({to:e,icon:t,children:r,badge:o=0}){let s=e==="/"?Ne.value==="/":Ne.value.startsWith(e);return n("a",{href:e,"aria-current":s?"page":void 0,children:[n(Y,{name:t}),n("span",{children:r}),o>0&&n("span",{class:"badge",children:[n("span",{"aria-hidden":"true",children:Pe(o)}),n("span",{class:"off-screen",children:[", ",Pe(o)," unread"]})]})]})}function ei({children:e}){let t=Q.value;return n(v,{children:[n("a",{class:"skip",href:"#main",children:"Skip to the content"}),n("header",{class:"top",children:[n("a",{class:"brand",href:"/",children:[n(Ya,{}),"otpwire"]}),t&&n("nav",{"aria-label":"Main",children:[n(bn,{to:"/",icon:"inbox",badge:Qe.value,children:"Inbox"}),n(bn,{to:"/numbers",icon:"numbers",children:"Numbers"}),t.role==="ADMIN"&&n(bn,{to:"/console",icon:"console",children:"Console"}),n(bn,{to:"/account",icon:"account",children:"Account"})]}),t&&n(ja,{})]}),n("main",{id:"main",tabIndex:-1,children:e}),n(os,{})]})}function Ya(){return n("svg",{class:"mark",viewBox:"0 0 32 32","aria-hidden":"true",children:[n("rect",{width:"32",height:"32",rx:"9"}),n("path",{d:"M8 12.5a2.5 2.5 0 0 1 2.5-2.5h11a2.5 2.5 0 0 1 2.5 2.5v6a2.5 2.5 0 0 1-2.5 2.5H15l-4.5 3.5V21A2.5 2.5 0 0 1 8 18.5z"}),n("circle",{cx:"12.4",cy:"15.5",r:"1.3"}),n("circle",{cx:"16",cy:"15.5",r:"1.3"}),n("circle",{cx:"19.6",cy:"15.5",r:"1.3"})]})}var za={"/register":Fs,"/forgot-password":Bs,"/reset-password":Ws,"/verify-email":Ks},Ja={"/":ur,"/numbers":Ys,"/account":$s};function Xa(){let e=Ne.value,t=za[e];if(t&&(!Q.value||e==="/verify-email"||e==="/reset-password"))return n(t,{});if(Q.value===void 0)return n("div",{class:"skeletons","aria-busy":"true",role:"status",children:[n("span",{class:"off-screen",children:"Loading"}),n("i",{}),n("i",{}),n("i",{})]});if(Q.value===null)return n(Vs,{});if(e.startsWith("/console"))return n(Ps,{});let r=Ja[e]??ur;return n(r,{})}var lr=document.getElementById("app");lr&&(lr.textContent="",ns(),Ds(),kn(n(ei,{children:n(Xa,{})}),lr),ss());})();
